export { flatten } from './flatten.ts';
export { flattenerStage } from './flattener-stage.ts';
