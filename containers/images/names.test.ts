import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { imagesPath } from './files.ts';
import { IMAGE_IDS, imageName, imageVariable } from './names.ts';
import { RECIPES } from './recipes.ts';

it('has a recipe for every image but the base', () => {
  expect(RECIPES.map(({ id }) => id).sort()).toEqual(IMAGE_IDS.filter((id) => id !== 'base').sort());
});

it('takes an image from the environment', () => {
  expect(imageVariable('filebeatKafka4')).toBe('CLICKPROOF_IMAGE_FILEBEAT_KAFKA4');
  expect(imageName('kafka', { CLICKPROOF_IMAGE_KAFKA: ' registry.example:5000/kafka:4.2 ' })).toBe(
    'registry.example:5000/kafka:4.2',
  );
  expect(imageName('kafka', { CLICKPROOF_IMAGE_KAFKA: '' })).toBe(imageName('kafka', {}));
});

it('names the version that is assembled', () => {
  for (const id of ['kafka', 'elasticsearch'] as const) {
    const pom = readFileSync(imagesPath(id, 'pom.xml'), 'utf8');
    expect(pom).toContain(`<${id}.version>${imageName(id, {}).split(':')[1]}</${id}.version>`);
  }
});
