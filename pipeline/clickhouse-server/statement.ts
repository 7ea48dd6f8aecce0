/**
 * Just enough of ClickHouse's SQL to tell what a statement is and where its data begins. The engine itself would
 * end the inlined data of an INSERT at an empty line and run what follows as SQL; so data never reaches it inlined.
 */

export type Statement =
  | {
      readonly kind: 'insert';
      /** Up to where `FROM INFILE` belongs, then the SETTINGS clause, if any; both without FORMAT. */
      readonly head: string;
      readonly settings: string;
      /** Input format of the data. */
      readonly format: string;
      /** Where inlined data begins in the text; its length when there is none. */
      readonly dataAt: number;
    }
  | {
      readonly kind: 'select' | 'other';
      /** Format named by the statement itself. */
      readonly format: string | undefined;
    };

/** What no server would do with a statement that came over the wire. */
export class StatementRefused extends Error {
  readonly code: number;
  constructor(code: number, type: string, message: string) {
    super(`Code: ${code}. DB::Exception: ${message}. (${type})`);
    this.code = code;
  }
}

interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Words, and single characters of punctuation; strings, quoted names and comments are skipped over. */
function* tokens(sql: string, from = 0): Generator<Token> {
  let at = from;
  while (at < sql.length) {
    const c = sql[at]!;
    if (c === "'" || c === '"' || c === '`') {
      const start = at;
      at = endOfQuoted(sql, at);
      yield { text: c, start, end: at };
    } else if (sql.startsWith('--', at) || c === '#') {
      at = indexAfter(sql, '\n', at);
    } else if (sql.startsWith('/*', at)) {
      at = indexAfter(sql, '*/', at + 2);
    } else if (c === '$' && heredocTag(sql, at) !== undefined) {
      const start = at;
      const tag = heredocTag(sql, at)!;
      at = indexAfter(sql, tag, at + tag.length);
      yield { text: '$', start, end: at };
    } else if (isWordCharacter(c)) {
      const start = at;
      while (at < sql.length && isWordCharacter(sql[at]!)) at++;
      yield { text: sql.slice(start, at).toUpperCase(), start, end: at };
    } else {
      if (!isSpace(c)) yield { text: c, start: at, end: at + 1 };
      at++;
    }
  }
}

function isWordCharacter(c: string): boolean {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c === '_';
}

function isSpace(c: string): boolean {
  return c === ' ' || c === '\n' || c === '\t' || c === '\r' || c === '\f' || c === '\v';
}

function indexAfter(text: string, what: string, from: number): number {
  const found = text.indexOf(what, from);
  return found < 0 ? text.length : found + what.length;
}

function endOfQuoted(sql: string, at: number): number {
  const quote = sql[at]!;
  let i = at + 1;
  for (; i < sql.length; i++) {
    if (sql[i] === '\\') i++;
    else if (sql[i] === quote) {
      if (sql[i + 1] === quote) i++;
      else return i + 1;
    }
  }
  return sql.length;
}

function heredocTag(sql: string, at: number): string | undefined {
  let end = at + 1;
  while (end < sql.length && isWordCharacter(sql[end]!)) end++;
  return sql[end] === '$' ? sql.slice(at, end + 1) : undefined;
}

/**
 * Reads a statement. `text` may hold an INSERT's data behind it, as bytes in Latin-1: offsets are then byte offsets.
 *
 * @throws StatementRefused for several statements in one, and for INTO OUTFILE and FROM INFILE, which on a
 * server would touch the client's files, not its own.
 */
export function readStatement(text: string): Statement {
  let first: string | undefined;
  let previous: Token | undefined;
  let depth = 0;
  let ended = false;
  let settingsAt: number | undefined;
  let format: string | undefined;
  let insertsData = false;

  for (const token of tokens(text)) {
    if (token.text === ';') {
      ended ||= first !== undefined;
      continue;
    }
    if (ended) {
      throw new StatementRefused(62, 'SYNTAX_ERROR', 'Syntax error (Multi-statements are not allowed)');
    }
    if (first === undefined && token.text !== '(') {
      first = token.text;
      insertsData = first === 'INSERT';
    }
    if ('([{'.includes(token.text)) depth++;
    else if (')]}'.includes(token.text)) depth--;
    else if (depth === 0 && previous?.text !== '.') {
      if (token.text === 'OUTFILE' && previous?.text === 'INTO') refuseFile('INTO OUTFILE');
      if (token.text === 'INFILE' && previous?.text === 'FROM') refuseFile('FROM INFILE');
      if (insertsData && (token.text === 'SELECT' || token.text === 'WITH')) insertsData = false;
      if (insertsData && token.text === 'SETTINGS') settingsAt = token.start;
      if (
        insertsData &&
        token.text === 'VALUES' &&
        previous?.text !== 'FORMAT' &&
        previous?.text !== 'INTO'
      ) {
        return insert(text, token.start, settingsAt, 'Values', token.end);
      }
      if (previous?.text === 'FORMAT' && isWordCharacter(token.text[0]!)) {
        const named = text.slice(token.start, token.end);
        if (insertsData) return insert(text, previous.start, settingsAt, named, token.end);
        format = named;
      }
    }
    previous = token;
  }
  return { kind: first === 'SELECT' || first === 'WITH' ? 'select' : 'other', format };
}

function insert(
  text: string,
  clauseAt: number,
  settingsAt: number | undefined,
  format: string,
  dataAt: number,
): Statement {
  const head = text.slice(0, settingsAt ?? clauseAt);
  const settings = settingsAt === undefined ? '' : text.slice(settingsAt, clauseAt);
  return { kind: 'insert', head, settings, format, dataAt: skipSpace(text, dataAt) };
}

/** Data begins after the spaces and the one line end that follow the format's name. */
function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== '\n' && isSpace(text[at]!)) at++;
  return text[at] === '\n' ? at + 1 : at;
}

function refuseFile(clause: string): never {
  throw new StatementRefused(48, 'NOT_IMPLEMENTED', `${clause} is for clients, not for a server`);
}
