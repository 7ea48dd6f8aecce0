import { goStage } from '../go.ts';
import type { ImageRecipe } from '../recipe.ts';

export const toxiproxyRecipe: ImageRecipe = {
  id: 'toxiproxy',
  about: "Toxiproxy 2.12.0's server built from its Go module; without its command-line client",
  folder: 'toxiproxy',
  stages: [
    goStage({
      name: 'toxiproxy',
      module: {
        path: 'github.com/shopify/toxiproxy/v2',
        version: 'v2.12.0',
        sum: 'h1:S6ex9rCC7Chx4CGtj/5W9cUdkU5GBZyQd8+qHMbDO0M=',
      },
      package: './cmd/server',
      linkerFlags: '-X github.com/Shopify/toxiproxy/v2.Version=2.12.0',
    }),
  ],
};
