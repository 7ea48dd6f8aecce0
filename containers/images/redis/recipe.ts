import type { ImageRecipe } from '../recipe.ts';

export const redisRecipe: ImageRecipe = {
  id: 'redis',
  about: 'Redis 8.0 as in Debian trixie; without the modules (JSON, search…) of the official image',
  folder: 'redis',
};
