import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Engine, EngineConnection, EngineResult } from './engine.ts';
import { RequestRefused } from './failures.ts';
import { isStreamable } from './formats.ts';
import { bodyOf, literal, preamble, type QueryRequest, readAll, readForm } from './request.ts';
import type { ClickHouseServerSettings } from './settings.ts';
import { readStatement, type Statement } from './statement.ts';

/** A statement that has been read in full and may be run. */
export interface Plan {
  readonly statement: Statement;
  readonly sql: string;
  /** SQL that prepares the connection. */
  readonly preamble: string;
  /** Output format. */
  readonly format: string;
  /** Data of an INSERT, spooled; deleted by `discard`. */
  readonly dataFile: string | undefined;
}

/** What a statement gives: all of it, or a stream whose first piece is there already. */
export type Outcome =
  | { readonly kind: 'whole'; readonly result: EngineResult }
  | {
      readonly kind: 'stream';
      readonly first: Uint8Array | undefined;
      readonly rest: AsyncGenerator<Uint8Array>;
    };

/** What is received while a write is under way goes to the file with the next one. */
const SPOOL_BUFFER_BYTES = 1 << 20;

type Limits = Pick<ClickHouseServerSettings, 'maxBodyBytes' | 'maxQueryBytes' | 'maxResultBytes'>;

/** Reads the statement and spools its data, in constant memory. */
export async function plan(
  message: IncomingMessage,
  request: QueryRequest,
  engine: Engine,
  limits: Limits,
): Promise<Plan> {
  const type = message.headers['content-type'] ?? '';
  if (type.startsWith('multipart/form-data')) {
    await readForm(await readAll(bodyOf(message, limits.maxQueryBytes)), type, request);
    return planText(Buffer.from(request.query), request, engine, false);
  }
  const readonly = message.method === 'GET' || message.method === 'HEAD';
  const named = request.query.trim() === '' ? undefined : readStatement(latin1(request.query));
  if (named?.kind === 'insert') {
    const inlined = Buffer.from(request.query).subarray(named.dataAt);
    const body = bodyOf(message, limits.maxBodyBytes);
    const data = inlined.length === 0 ? body : Readable.from(joined(inlined, body));
    const file = await spool(data, engine);
    return insertPlan(named, file, request, readonly);
  }
  const body = await readAll(bodyOf(message, limits.maxQueryBytes));
  const query = Buffer.from(request.query);
  const text =
    query.length === 0 ? body : body.length === 0 ? query : Buffer.concat([query, Buffer.from('\n'), body]);
  return planText(text, request, engine, readonly);
}

async function planText(
  text: Buffer,
  request: QueryRequest,
  engine: Engine,
  readonly: boolean,
): Promise<Plan> {
  const statement = readStatement(text.toString('latin1'));
  if (statement.kind === 'insert') {
    const file = await spool(Readable.from([text.subarray(statement.dataAt)]), engine);
    return insertPlan(statement, file, request, readonly);
  }
  const sql = text.toString('utf8');
  if (sql.trim() === '') throw new RequestRefused(400, 62, 'SYNTAX_ERROR', 'Syntax error: Empty query');
  const format = statement.format ?? request.defaultFormat ?? 'TabSeparated';
  return { statement, sql, preamble: preamble(request, readonly), format, dataFile: undefined };
}

function insertPlan(
  statement: Statement & { kind: 'insert' },
  dataFile: string,
  request: QueryRequest,
  readonly: boolean,
): Plan {
  const utf8 = (text: string) => Buffer.from(text, 'latin1').toString('utf8');
  const source = `FROM INFILE ${literal(dataFile)} COMPRESSION 'none'`;
  const sql = `${utf8(statement.head)} ${source} ${utf8(statement.settings)} FORMAT ${statement.format}`;
  return { statement, sql, preamble: preamble(request, readonly), format: 'TabSeparated', dataFile };
}

/** Runs a plan. A stream's errors before its first piece are thrown here, later ones out of `rest`. */
export async function execute(plan: Plan, connection: EngineConnection, limits: Limits): Promise<Outcome> {
  if (plan.statement.kind === 'select' && isStreamable(plan.format)) {
    if (plan.preamble !== '') await connection.run(plan.preamble, 'Null');
    const rest = connection.stream(plan.sql, plan.format);
    const first = await rest.next();
    return { kind: 'stream', first: first.done ? undefined : first.value, rest };
  }
  const bound =
    plan.statement.kind === 'select'
      ? `SET max_result_bytes = ${limits.maxResultBytes}; ${plan.preamble}`
      : plan.preamble;
  return { kind: 'whole', result: await connection.run(`${bound}${plan.sql}`, plan.format) };
}

/** Deletes what a plan has spooled. */
export async function discard(plan: Plan): Promise<void> {
  if (plan.dataFile !== undefined) await rm(plan.dataFile, { force: true });
}

/** Bytes as characters, so that the statement's offsets count bytes. */
function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

async function* joined(head: Buffer, tail: Readable): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  for await (const chunk of tail) yield chunk as Buffer;
}

async function spool(data: Readable, engine: Engine): Promise<string> {
  const file = join(engine.spool, randomBytes(12).toString('hex'));
  try {
    await pipeline(
      data,
      createWriteStream(file, { flags: 'wx', mode: 0o600, highWaterMark: SPOOL_BUFFER_BYTES }),
    );
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
  return file;
}
