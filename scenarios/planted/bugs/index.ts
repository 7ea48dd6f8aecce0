import { DEFAULT_TOPICS } from '../../../pipeline/contracts/topics.ts';
import { acknowledgeFirst } from './acknowledge-first.ts';
import { blindMark } from './blind-mark.ts';
import type { Bug } from './bug.ts';
import { doubleOneIn } from './double-write.ts';
import { dropOneIn } from './drop.ts';
import { earlyOffset } from './early-offset.ts';
import { idPerWorker } from './id-per-worker.ts';
import { ignoreBulkErrors } from './ignore-bulk-errors.ts';
import { kafkajsFilter } from './kafkajs-filter.ts';
import { lateFence } from './late-fence.ts';
import { markApart } from './mark-apart.ts';
import { positionApart } from './position-apart.ts';
import { swapFields } from './swap-fields.ts';

const { raw, processed, persisted } = DEFAULT_TOPICS;

/** The bugs by the names that a plan has for them. Another one is a file here and a line in this list. */
export const BUGS = {
  'drop one in 50': dropOneIn(50, raw),
  'write one in 50 twice': doubleOneIn(50, processed),
  'swap two fields': swapFields(persisted, 'query-res', 'query-vp'),
  'commit the offset early': earlyOffset,
  'acknowledge before the write': acknowledgeFirst,
  'commit the position apart': positionApart,
  'fence after the offset is read': lateFence,
  'one transactional id a worker': idPerWorker,
  'skip the mark': blindMark,
  'move the mark apart': markApart,
  'ignore what a bulk answers': ignoreBulkErrors,
  'kafkajs’s abort filter': kafkajsFilter,
} satisfies Record<string, Bug>;

export type BugName = keyof typeof BUGS;
