export { DeclaredProver } from './declared-prover.ts';
export { declaredReaders } from './readers.ts';
export { type DeclaredHop, declaredHop } from './settings.ts';
