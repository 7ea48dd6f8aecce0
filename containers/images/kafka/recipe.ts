import { mavenStage } from '../maven.ts';
import type { ImageRecipe } from '../recipe.ts';

export const kafkaRecipe: ImageRecipe = {
  id: 'kafka',
  about: 'Apache Kafka 4.1.0, its published jars on OpenJDK 25; of the official scripts only kafka-topics.sh',
  folder: 'kafka',
  stages: [mavenStage('kafka')],
};
