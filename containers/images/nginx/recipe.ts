import type { ImageRecipe } from '../recipe.ts';

export const nginxRecipe: ImageRecipe = {
  id: 'nginx',
  about: 'Nginx 1.26 as in Debian trixie; without the additional modules of the official image',
  folder: 'nginx',
};
