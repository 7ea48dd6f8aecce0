import { goStage } from '../go.ts';
import type { ImageRecipe } from '../recipe.ts';

export const k6Recipe: ImageRecipe = {
  id: 'k6',
  about: 'k6 1.8.1 built from its Go module; without a browser',
  folder: 'k6',
  stages: [
    goStage({
      name: 'k6',
      module: {
        path: 'go.k6.io/k6',
        version: 'v1.8.1',
        sum: 'h1:orZsbZ2Od0CVZICs9YpTgkKcxfPghJW8VZtwg0cj8H8=',
      },
      package: '.',
    }),
  ],
};
