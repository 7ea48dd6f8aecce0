import { stat } from 'node:fs/promises';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { Service } from './service.ts';

/**
 * Makes sure that a directory of this machine is the same one in a container, so that what is noted there of its files by their numbers
 * can be read here. An engine in a virtual machine passes files on under numbers of its own.
 *
 * @throws ClickproofError FILES_ELSEWHERE
 */
export async function requireSameFiles(
  service: Pick<Service, 'name' | 'exec'>,
  { here, inside }: { readonly here: string; readonly inside: string },
): Promise<void> {
  const { output, exitCode } = await service.exec(['stat', '-c', '%i %d', inside]);
  const { ino, dev } = await stat(here);
  // A container that cannot be asked is given the benefit of the doubt.
  if (exitCode !== 0 || output.trim() === `${ino} ${dev}`) return;
  throw new ClickproofError(
    'FILES_ELSEWHERE',
    `the container engine is in a virtual machine, where files have other numbers: how far ${service.name} is in them cannot be told`,
    { remedy: 'leave out --shipper filebeat, or use an engine on Linux itself' },
  );
}
