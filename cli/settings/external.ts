import { z } from 'zod';
import { duration } from '../../pipeline/contracts/units.ts';
import { declaredHop } from '../../scenarios/declared/settings.ts';

/** A pipeline of one's own that is to be proven: the section `external` of the configuration file. */
export const externalSettings = z.strictObject({
  collector: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      "your collector, e.g. https://collect.example; not given: this project's own pipeline is started on the services that the other sections name",
    ),
  hops: z
    .array(declaredHop)
    .optional()
    .describe(
      'where in your pipeline events can be found again; not given: it is a clickproof pipeline, and all its topics and stores are read',
    ),
  settle: duration
    .default(5_000)
    .describe('how long to look on when everything has come: what comes twice comes soon after'),
  patience: duration
    .default(60_000)
    .describe('how long to wait for what is missing when nothing more of it comes'),
});

export type ExternalSettings = z.output<typeof externalSettings>;
