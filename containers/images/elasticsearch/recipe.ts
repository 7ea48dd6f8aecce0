import { mavenStage } from '../maven.ts';
import type { ImageRecipe } from '../recipe.ts';

export const elasticsearchRecipe: ImageRecipe = {
  id: 'elasticsearch',
  about:
    'Elasticsearch 9.2.0, its published jars on OpenJDK 25 with a launcher of our own; without security, painless, ingest ' +
    'processors, data streams, ILM, _update_by_query, _delete_by_query, ES|QL and the field types of modules',
  folder: 'elasticsearch',
  stages: [mavenStage('elasticsearch')],
};
