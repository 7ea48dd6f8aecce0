import { ACCESS_LOG_FIELDS } from '../../pipeline/contracts/access-log.ts';
import { EXCEPTIONS } from './exceptions.ts';
import type { Context, Difference, Observed } from './observed.ts';
import type { ConformanceRequest } from './request.ts';

/**
 * Compares what both made of a request: every field of every line, and of every answer the status, the body and all headers.
 *
 * @returns what no exception covers, and the names of those that were needed
 */
export function compare(
  request: ConformanceRequest,
  nginx: Observed,
  builtIn: Observed,
): { faults: Difference[]; used: Set<string> } {
  const context = { ...factsOf(request), nginx, builtIn };
  const faults: Difference[] = [];
  const used = new Set<string>();
  for (const difference of differences(nginx, builtIn)) {
    const { what } = difference;
    const exception = EXCEPTIONS.find(
      ({ differs, when }) =>
        (differs === 'all' || differs.some((one) => one === what)) && when(difference, context),
    );
    if (exception) used.add(exception.name);
    else faults.push(difference);
  }
  return { faults, used };
}

function differences(nginx: Observed, builtIn: Observed): Difference[] {
  const found: Difference[] = [];
  const differ = (index: number, what: string, theirs = 'none', ours = 'none') => {
    if (theirs !== ours) found.push({ what, nginx: theirs, builtIn: ours, index });
  };
  differ(0, 'count of answers', String(nginx.answers.length), String(builtIn.answers.length));
  differ(0, 'count of lines', String(nginx.lines.length), String(builtIn.lines.length));
  for (const [i, theirs] of nginx.answers.entries()) {
    const ours = builtIn.answers[i];
    if (ours === undefined) break;
    differ(i, 'answer status', String(theirs.status), String(ours.status));
    differ(i, 'answer body', theirs.body, ours.body);
    for (const name of new Set([...Object.keys(theirs.headers), ...Object.keys(ours.headers)])) {
      differ(i, `answer header ${name}`, theirs.headers[name], ours.headers[name]);
    }
  }
  for (const [i, theirs] of nginx.lines.entries()) {
    const ours = builtIn.lines[i];
    if (ours === undefined) break;
    differ(i, 'order of fields', Object.keys(theirs).join(), Object.keys(ours).join());
    for (const field of ACCESS_LOG_FIELDS) differ(i, `line ${field}`, theirs[field], ours[field]);
  }
  return found;
}

function factsOf({ pieces, end }: ConformanceRequest): Omit<Context, 'nginx' | 'builtIn'> {
  const text = Buffer.concat(pieces).toString('latin1');
  const [requestLine = '', ...headers] = text.split(/\r?\n\r?\n/, 1)[0]!.split(/\r?\n/);
  const [, method = '', target = '', version = ''] = /^(\S*) ?(.*?)(?: (\S*))?$/s.exec(requestLine) ?? [];
  return { text, end, method, target, version, headers };
}
