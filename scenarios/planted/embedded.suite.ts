import { afterAll, describe } from 'vitest';
import { startEmbeddedStack } from '../../containers/embedded/stack.ts';
import type { PipelineOptions } from '../../containers/roles/pipeline.ts';
import { excerpt } from './excerpt.ts';
import { caughtTable, registerTrials, UNDISTURBED } from './register.ts';

// Whether the correctness suite fails when it has to: builds of the pipeline with a bug at a port, each in the scenario that is to catch it.

afterAll(() => console.log(caughtTable()));

// One partition: what is durable at a step does not hang on what others have in hand.
const start = (options: PipelineOptions) => startEmbeddedStack({ ...options, partitions: 1 });

describe('one process a stage', async () => {
  const dying = await excerpt('die-at-every-step', [
    // None waits for what another, which is dead, would send it: batches are to have something in them.
    [{ dieAt: 'persister.apply:after' }, { dieAt: 'clickhouse-sink.commit-offset:after@2' }],
    [{ dieAt: 'parser.commit:after' }],
    [{ dieAt: 'shipper.commit:after@2' }],
    // Once more, since what is killed before can have had nothing in hand.
    [{ dieAt: 'persister.apply:after' }, { dieAt: 'clickhouse-sink.commit-offset:after@2' }],
  ]);
  registerTrials(
    start,
    [['parser'], ['flattener'], ['persister'], ['clickhouse-sink']],
    [
      {
        scenario: UNDISTURBED,
        bugs: [
          {
            ...{ stage: 'shipper', bug: 'drop one in 50' },
            caught: /^tracking_raw: \d+ requests lost$/,
            besides: /equation does not hold: every (line|tracker request) is shipped/,
          },
          {
            ...{ stage: 'parser', bug: 'write one in 50 twice' },
            caught: /^tracking_processed: \d+ events counted twice$/,
            besides: /equation does not hold: (every line is processed|every event is processed)/,
          },
          {
            ...{ stage: 'persister', bug: 'swap two fields' },
            caught: /^tracking_persisted: \d+ events altered$/,
          },
        ],
      },
      {
        scenario: dying,
        bugs: [
          {
            ...{ stage: 'shipper', bug: 'commit the position apart' },
            caught: /^tracking_raw: \d+ requests counted twice$/,
            besides: /equation does not hold: every (line|tracker request) is shipped/,
          },
          {
            ...{ stage: 'parser', bug: 'commit the offset early' },
            caught: /^tracking_processed: \d+ events lost$/,
            besides:
              /^tracking_failed: \d+ events lost$|equation does not hold: every (line|event) is processed/,
          },
          {
            ...{ stage: 'persister', bug: 'move the mark apart' },
            caught: /^profiles: \d+ visitors (altered|lost)$/,
            // The window of repeats is of the same change.
            besides:
              /profiles are not the fold|tracking_persisted: \d+ events counted twice|what is flattened is persisted once/,
          },
          {
            ...{ stage: 'clickhouse-sink', bug: 'acknowledge before the write' },
            caught: /^ClickHouse: \d+ events lost$/,
            // What had been acknowledged and not written comes while one event more is sent.
            besides:
              /equation does not hold: what is persisted is in ClickHouse|^ClickHouse: \d+ events came after everything/,
          },
        ],
      },
    ],
  );
});

describe('two processes a stage', async () => {
  const zombies = await excerpt('zombies-at-every-step', [
    [
      { zombie: 'parser', step: 'commit:before' },
      { zombie: 'flattener', step: 'commit:before', heirStep: 'committed:after' },
    ],
  ]);
  // By itself: what the others repeat would be all that it has in hand, and change no profile.
  // Twice, as what it applies first can be what is left of before: a visitor or two, who come again.
  const late = await excerpt('zombies-at-every-step', [
    [{ zombie: 'persister', step: 'apply:before' }],
    [{ zombie: 'persister', step: 'apply:before' }],
  ]);
  registerTrials(
    start,
    [...['parser', 'flattener', 'persister'].flatMap((stage) => [[stage], [stage]]), ['clickhouse-sink']],
    [
      {
        scenario: zombies,
        bugs: [
          {
            ...{ stage: 'parser', bug: 'one transactional id a worker' },
            caught: /^tracking_processed: \d+ events counted twice$/,
            besides:
              /tracking_processed: \d+ events out of order|tracking_failed: \d+ events counted twice|equation does not hold: every (line|event) is processed/,
          },
          {
            ...{ stage: 'flattener', bug: 'fence after the offset is read' },
            caught: /^tracking_flattened: \d+ events counted twice$/,
            besides:
              /tracking_flattened: \d+ events out of order|equation does not hold: what is processed is flattened/,
          },
        ],
      },
      {
        scenario: late,
        bugs: [
          {
            ...{ stage: 'persister', bug: 'skip the mark' },
            caught: /^profiles: \d+ visitors altered$/,
            besides: /profiles are not the fold/,
          },
        ],
      },
    ],
  );
});
