import { requestCorpus } from './corpus/index.ts';
import { LINES } from './corpus/lines.ts';
import { EXCEPTIONS } from './exceptions.ts';
import { SHIPPER_EXCEPTIONS } from './shipper-exceptions.ts';

/** `docs/guides/conformance.md`: what the tests hold the stand-ins to. */
export function conformanceGuide(): string {
  const groups = Object.entries(requestCorpus()).map(([name, requests]) => [
    name,
    String(Object.keys(requests).length),
  ]);
  const total = groups.reduce((sum, [, count]) => sum + Number(count), 0);
  return `# Conformance: what stands in for Nginx and Filebeat

The built-in collector takes Nginx's place, the built-in shipper Filebeat's, and the other way round. That they do the same is tested on the
real servers (\`containers/conformance\`). This page is made from what the tests use; a test fails where it is not up to date.

    npm run test:servers -- containers/conformance

## Nginx and the built-in collector

${total} requests go to both, byte for byte the same, and 200 random ones (any bytes in targets, headers and bodies; alone or behind each other on a
connection; whole or in pieces). Of each log line every field is compared, of each answer the status, the body and every header, and how many there
are of both. A failure prints the seed and the smallest request that shows it; \`CLICKPROOF_CONFORMANCE_SEED\` repeats it, and
\`CLICKPROOF_CONFORMANCE_REQUESTS\` sends more.

${table(['requests', 'number'], groups)}

Everything in which the two may differ. Any other difference is a fault, and so is a row that explains nothing any more.

${table(
  ['what', 'Nginx', 'built-in collector', 'why'],
  EXCEPTIONS.map(({ name, nginx, builtIn, why }) => [name, nginx, builtIn, why]),
)}

"Refused" is every status from 400 up but 404. Not compared, as they are settings of one of the two: redirects (off in the configuration of Nginx,
which cannot check a target), time-outs, and what each does when the log's disk is full (Nginx answers 200 and loses the line, the built-in collector
answers 503).

## Filebeat and the built-in shipper

${LINES.length} lines chosen for what is in them, the log that the collector writes of the requests above, and 300 random lines go through both: one file,
one Kafka, a topic each. The parsed envelopes are compared part by part, and with them the record's key, its partition where there is a key, and that its
timestamp is \`@timestamp\`. So are an unterminated last line (waits for its end), rotation while the log is written (nothing lost, nothing twice), and a
file that was truncated when all of it had been shipped (is begun anew). Who the agent is, the time of reading and the folder of the log are each shipper's own.

${table(
  ['what', 'Filebeat', 'built-in shipper', 'why'],
  SHIPPER_EXCEPTIONS.map(({ name, filebeat, builtIn, why }) => [name, filebeat, builtIn, why]),
)}

Not compared, as it cannot be the same: after a death Filebeat sends some lines again, the built-in shipper none. What was cut off a file before it was
read is lost with both.
`;
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}
