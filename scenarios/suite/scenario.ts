import { z } from 'zod';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { duration } from '../../pipeline/contracts/units.ts';
import { trafficSettings } from '../../simulator/plan/index.ts';
import { FAULT_KINDS, type FaultFields } from '../faults/kinds/index.ts';

/** When a fault begins; without any of it, when the one before is over and 200 records more have been written. */
export interface When {
  /** So long after sending began; where a scenario sends a number of events, also a share of them: `25%`. */
  readonly at?: string;
  /** When so many records more have been written to the topics since the fault before was over, or so long after it: `1s`. */
  readonly after?: number | string;
  /** Happens on this kind of stack alone, since only that has whom it happens to; `containers`: on an external one that has them, too. */
  readonly on?: 'embedded' | 'containers';
}

/** One thing that goes wrong, and when. */
export type Fault = FaultFields & When;

/** One after the other; those of a list within the list at the same time. */
export type FaultPlan = readonly (Fault | readonly Fault[])[];

/** What a scenario promises. `docs/guarantees.md` says the same for readers. */
export type Expectation =
  /** Every event is accounted for at every hop. */
  | { readonly outcome: 'exact' }
  /** Repeats at one hop, which must be seen there unless they `may` be unseen, and everything exact behind it. */
  | { readonly outcome: 'at least once'; readonly at: string; readonly may?: 'be unseen' }
  /**
   * Up to so many requests or events are lost at one hop, or as many as were due or under way while something was wrong; and everything
   * else is exact. Some loss must be seen there, unless it `may` be unseen.
   */
  | {
      readonly outcome: 'accounted loss';
      readonly at: string;
      readonly atMost: number | 'what the faults met';
      readonly may?: 'be unseen';
    }
  /** Nothing is promised but that the pipeline goes on; what is seen is reported. */
  | { readonly outcome: 'not guaranteed'; readonly why: string };

/** Which stack a scenario runs on. Scenarios with equal needs share one. */
export interface StackNeeds {
  /** Runs on one kind of stack alone; `containers`: on real servers, so that an external stack does as well, if its faults leave these alone. */
  readonly only?: 'embedded' | 'containers';
  /** Who collects and ships; others than ours are in containers only. */
  readonly collector?: 'built-in' | 'nginx';
  readonly shipper?: 'built-in' | 'filebeat';
  /** How many processes share each stage. */
  readonly workers?: 1 | 2;
  /** A proxy stands between each process of the pipeline and each server that it talks to; in containers only. */
  readonly network?: boolean;
  /** The access log is on a disk of a few megabytes; root on Linux alone can have one. */
  readonly smallDisk?: boolean;
  /** What it does to a stack is not to be handed on to another scenario. */
  readonly own?: boolean;
}

/** A scenario, as a file in `scenarios/correctness/` declares it by its default export. */
export interface Scenario {
  /** One sentence: what goes wrong, and what comes of it. */
  readonly title: string;
  /** Settings of the simulated traffic. It flows as long as the faults take, else for its `duration`. */
  readonly traffic?: Omit<z.input<typeof trafficSettings>, 'seed' | 'mark'>;
  readonly stack?: StackNeeds;
  readonly faults?: FaultPlan;
  /** Instead of `faults`: how many times something goes wrong, drawn from the seed. */
  readonly random?: number;
  readonly expect: Expectation;
  /** So many events are sent, as fast as the pipeline takes them, whatever the faults take. */
  readonly events?: number;
  /** It takes long, and runs only when it is named. */
  readonly alone?: boolean;
  /** More than this the checking process may not have in memory at any time, MB. */
  readonly memory?: number;
  /** It is in the short set that `npm test` runs, on these stacks. */
  readonly short?: readonly ('embedded' | 'containers')[];
  /** A run that takes longer is given up. */
  readonly limit?: string;
}

/** A scenario that has been read: its name is that of its file. */
export interface NamedScenario extends Omit<Scenario, 'limit'> {
  readonly name: string;
  readonly limitMs: number;
}

const PERCENT = z
  .string()
  .regex(/^\d{1,2}%$/)
  .transform((text) => ({ share: Number(text.slice(0, -1)) / 100 }));

const when = z.object({
  at: z.union([duration.transform((ms) => ({ ms })), PERCENT]).optional(),
  after: z
    .union([
      z
        .number()
        .int()
        .positive()
        .transform((records) => ({ records })),
      duration.transform((ms) => ({ ms })),
    ])
    .optional(),
  on: z.enum(['embedded', 'containers']).optional(),
});

const schema = z.strictObject({
  title: z.string().min(10),
  traffic: trafficSettings.omit({ seed: true, mark: true }).partial().optional(),
  stack: z
    .strictObject({
      only: z.enum(['embedded', 'containers']).optional(),
      collector: z.enum(['built-in', 'nginx']).optional(),
      shipper: z.enum(['built-in', 'filebeat']).optional(),
      workers: z.union([z.literal(1), z.literal(2)]).optional(),
      network: z.boolean().optional(),
      smallDisk: z.boolean().optional(),
      own: z.boolean().optional(),
    })
    .optional(),
  faults: z.array(z.union([z.looseObject({}), z.array(z.looseObject({}))])).optional(),
  random: z.number().int().positive().max(100).optional(),
  expect: z.discriminatedUnion('outcome', [
    z.strictObject({ outcome: z.literal('exact') }),
    z.strictObject({
      outcome: z.literal('at least once'),
      at: z.string(),
      may: z.literal('be unseen').optional(),
    }),
    z.strictObject({
      outcome: z.literal('accounted loss'),
      at: z.string(),
      atMost: z.union([z.number().int().positive(), z.literal('what the faults met')]),
      may: z.literal('be unseen').optional(),
    }),
    z.strictObject({ outcome: z.literal('not guaranteed'), why: z.string() }),
  ]),
  events: z.number().int().positive().optional(),
  alone: z.boolean().optional(),
  memory: z.number().positive().optional(),
  short: z.array(z.enum(['embedded', 'containers'])).optional(),
  limit: duration.default(300_000),
});

/**
 * Checks what a file declares; types are stripped, not checked, when it is run.
 *
 * @throws ClickproofError SCENARIO_INVALID
 */
export function namedScenario(name: string, declared: Scenario): NamedScenario {
  const parsed = schema.safeParse(declared);
  if (!parsed.success) throw invalid(name, z.prettifyError(parsed.error));
  for (const fault of (declared.faults ?? []).flat()) readFault(name, fault);
  const { limit: _, ...rest } = declared;
  return { ...rest, name, limitMs: parsed.data.limit };
}

/** A fault with its kind. */
export interface ReadFault {
  readonly kind: (typeof FAULT_KINDS)[keyof typeof FAULT_KINDS];
  readonly fields: unknown;
  readonly when: z.output<typeof when>;
}

/** @throws ClickproofError SCENARIO_INVALID */
export function readFault(scenario: string, fault: Fault): ReadFault {
  const { at, after, on, ...own } = fault as Fault & Record<string, unknown>;
  const name = Object.keys(FAULT_KINDS).find((kind) => kind in own) as keyof typeof FAULT_KINDS | undefined;
  if (name === undefined) {
    const known = Object.keys(FAULT_KINDS).join(', ');
    throw invalid(scenario, `${JSON.stringify(fault)} names no fault; there are: ${known}`);
  }
  const kind = FAULT_KINDS[name];
  const fields = kind.fields.safeParse(own);
  const times = when.safeParse({ at, after, on });
  const error = fields.error ?? times.error;
  if (error) throw invalid(scenario, `${JSON.stringify(fault)}: ${z.prettifyError(error as z.ZodError)}`);
  return { kind, fields: fields.data, when: times.data! };
}

/** SCENARIO_INVALID. Nothing runs where one is wrong: it could be the one that somebody counts on. */
export function invalid(name: string, why: string, cause?: unknown): ClickproofError {
  return new ClickproofError('SCENARIO_INVALID', `the scenario ${name} is declared wrongly: ${why}`, {
    remedy: `mend or remove scenarios/correctness/${name}.scenario.ts, nothing runs before; docs/guides/correctness.md says what it can declare`,
    cause,
  });
}
