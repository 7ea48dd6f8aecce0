import { clickhouseRecipe } from './clickhouse/recipe.ts';
import { elasticsearchRecipe } from './elasticsearch/recipe.ts';
import { filebeatKafka4Recipe, filebeatRecipe } from './filebeat/recipe.ts';
import { k6Recipe } from './k6/recipe.ts';
import { kafkaRecipe } from './kafka/recipe.ts';
import { nginxRecipe } from './nginx/recipe.ts';
import type { ImageRecipe } from './recipe.ts';
import { redisRecipe } from './redis/recipe.ts';
import { toxiproxyRecipe } from './toxiproxy/recipe.ts';

/** All images but the base, in the order in which they are begun: what takes longest first, what another has compiled most of last. */
export const RECIPES: readonly ImageRecipe[] = [
  filebeatRecipe,
  kafkaRecipe,
  elasticsearchRecipe,
  k6Recipe,
  clickhouseRecipe,
  redisRecipe,
  nginxRecipe,
  toxiproxyRecipe,
  filebeatKafka4Recipe,
];
