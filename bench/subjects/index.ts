import type { Subject } from '../processes/subject.ts';

/** What can be measured in a process of its own. Each is loaded by that process alone. */
const SUBJECTS = {
  enrichment: async () => (await import('./enrichment.ts')).enrichmentSubject(),
  simulator: async () => (await import('./simulator.ts')).simulatorSubject(),
  comparison: async (settings: never) => (await import('./comparison.ts')).comparisonSubject(settings),
  shipper: async (settings: never) => (await import('./shipper.ts')).shipperSubject(settings),
  hop: async (settings: never) => (await import('./hop.ts')).hopSubject(settings),
  bare: async (settings: never) => (await import('./bare.ts')).bareSubject(settings),
  relay: async (settings: never) => (await import('./relay.ts')).relaySubject(settings),
  load: async () => (await import('./load.ts')).loadSubject(),
} as const;

export type SubjectName = keyof typeof SUBJECTS;

export async function makeSubject(name: SubjectName, settings: unknown): Promise<Subject<unknown>> {
  return (await SUBJECTS[name](settings as never)) as Subject<unknown>;
}
