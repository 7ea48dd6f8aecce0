import { parseJson, stringifyJson } from '../../../pipeline/contracts/json.ts';
import type { OutRecord } from '../../../pipeline/log/port.ts';
import { type Bug, withCommit } from './bug.ts';

/** Takes one field of a topic's messages for the other. */
export function swapFields(topic: string, one: string, other: string): Bug {
  const swapped = (record: OutRecord): OutRecord => {
    if (record.topic !== topic) return record;
    const message = parseJson(String(record.value)) as Record<string, unknown>;
    if (!(one in message && other in message)) return record;
    const value = stringifyJson({ ...message, [one]: message[other], [other]: message[one] });
    return { ...record, value: Buffer.from(value) };
  };
  return {
    log: (log) =>
      withCommit(log, ({ records, ...rest }, producer) =>
        producer.commit({ ...rest, records: records.map(swapped) }),
      ),
  };
}
