import { clickhouseRecipe } from './clickhouse/recipe.ts';
import { elasticsearchRecipe } from './elasticsearch/recipe.ts';
import { filebeatKafka4Recipe, filebeatRecipe } from './filebeat/recipe.ts';
import { k6Recipe } from './k6/recipe.ts';
import { kafkaRecipe } from './kafka/recipe.ts';
import { nginxRecipe } from './nginx/recipe.ts';
import type { ImageRecipe } from './recipe.ts';
import { redisRecipe } from './redis/recipe.ts';
import { toxiproxyRecipe } from './toxiproxy/recipe.ts';

/** All images but the base, in the order in which they are assembled. */
export const RECIPES: readonly ImageRecipe[] = [
  kafkaRecipe,
  elasticsearchRecipe,
  redisRecipe,
  nginxRecipe,
  clickhouseRecipe,
  toxiproxyRecipe,
  filebeatRecipe,
  filebeatKafka4Recipe,
  k6Recipe,
];
