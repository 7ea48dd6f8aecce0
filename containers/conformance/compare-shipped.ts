import { basename } from 'node:path';
import type { FilebeatEnvelope } from '../../pipeline/contracts/envelope.ts';
import { SHIPPER_EXCEPTIONS, type ShippedDifference } from './shipper-exceptions.ts';
import type { Shipped } from './shippers.ts';

/**
 * Compares what both made of the same lines: each part of the envelope, the key, and the partition where there is a key.
 *
 * @param lineAt the bytes of the log at an offset up to the line's end, latin1
 * @returns what no exception covers, and the names of those that were needed
 */
export function compareShipped(
  { filebeat, builtIn }: { filebeat: readonly Shipped[]; builtIn: readonly Shipped[] },
  lineAt: (envelope: FilebeatEnvelope) => string,
): { faults: ShippedDifference[]; used: Set<string> } {
  const faults: ShippedDifference[] = [];
  const used = new Set<string>();
  const [theirs, ours] = [byPlace(filebeat), byPlace(builtIn)];
  for (const place of new Set([...theirs.keys(), ...ours.keys()])) {
    const [a = [], b = []] = [theirs.get(place), ours.get(place)];
    const line = lineAt((a[0] ?? b[0])!.envelope);
    const found = partsOf(a).flatMap(([what, value], i) => {
      const other = partsOf(b)[i]?.[1];
      return same(value, other) ? [] : [{ line, what, filebeat: value, builtIn: other }];
    });
    for (const difference of found) {
      const exception = SHIPPER_EXCEPTIONS.find(
        ({ differs, when }) => differs.includes(difference.what) && when(difference),
      );
      if (exception) used.add(exception.name);
      else faults.push(shortened(difference));
    }
  }
  return { faults, used };
}

/** A line's place: rotation gives its file another name, which either may have seen. */
function byPlace(all: readonly Shipped[]): Map<string, Shipped[]> {
  return Map.groupBy(all, ({ envelope }) => `${envelope.log.offset} ${envelope.message}`);
}

function partsOf(shipped: readonly Shipped[]): [what: string, value: unknown][] {
  const [first] = shipped;
  const { envelope, record } = first ?? {};
  return [
    ['count', shipped.length],
    ['key', record?.key],
    ['partition', record?.key == null ? undefined : record.partition],
    ['@timestamp', envelope && Date.parse(envelope['@timestamp']) - record!.timestamp],
    ['@metadata', envelope?.['@metadata']],
    ['log.offset', envelope?.log.offset],
    ['log.file.path', envelope && basename(envelope.log.file.path).replace(/\.\d+$/, '')],
    ['message', envelope?.message],
    ['input', envelope?.input],
    ['fields', envelope?.fields],
    ['tags', envelope?.tags],
    ['host', envelope && { ...envelope.host, name: envelope.host.name === envelope.agent.hostname }],
    // Who it is, is the shipper's own; that it says so is compared.
    [
      'agent',
      envelope &&
        Object.entries(envelope.agent)
          .map(([name, value]) => `${name}: ${typeof value}`)
          .sort(),
    ],
    ['ecs', envelope?.ecs],
    [
      'other parts',
      envelope &&
        Object.keys(envelope)
          .filter((name) => name !== 'fields')
          .sort(),
    ],
  ];
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function shortened({ line, what, filebeat, builtIn }: ShippedDifference): ShippedDifference {
  const cut = (value: unknown) => String(JSON.stringify(value)).slice(0, 200);
  return { line: line.slice(0, 200), what, filebeat: cut(filebeat), builtIn: cut(builtIn) };
}
