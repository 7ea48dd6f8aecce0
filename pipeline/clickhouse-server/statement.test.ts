import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readStatement, StatementRefused } from './statement.ts';

const insertOf = (sql: string) => {
  const statement = readStatement(sql);
  if (statement.kind !== 'insert') throw new Error(`${statement.kind}: ${sql}`);
  return {
    head: statement.head.trim(),
    settings: statement.settings.trim(),
    format: statement.format,
    data: sql.slice(statement.dataAt),
  };
};

describe('readStatement', () => {
  it('finds where the data of an INSERT begins', () => {
    expect(insertOf('INSERT INTO t FORMAT JSONEachRow {"a":1}')).toEqual({
      head: 'INSERT INTO t',
      settings: '',
      format: 'JSONEachRow',
      data: '{"a":1}',
    });
    expect(
      insertOf("insert into db.t (a, `format CSV`) settings x = 1, y = 'FORMAT' format TSV\n\n1\t2"),
    ).toEqual({
      head: 'insert into db.t (a, `format CSV`)',
      settings: "settings x = 1, y = 'FORMAT'",
      format: 'TSV',
      data: '\n1\t2',
    });
    expect(insertOf("INSERT INTO t VALUES (1, ';\n\n'); (2)").data).toBe("(1, ';\n\n'); (2)");
  });

  it('does not look for statements in the data', () => {
    const data = '{"a":1}\n\nDROP TABLE t; DROP TABLE u';
    expect(insertOf(`INSERT INTO t FORMAT JSONEachRow\n${data}`).data).toBe(data);
  });

  it('takes an INSERT of a SELECT for what it is', () => {
    expect(readStatement('INSERT INTO t SELECT 1 FORMAT Null')).toEqual({ kind: 'other', format: 'Null' });
  });

  it('knows the format that a SELECT names, not the ones in its strings and comments', () => {
    expect(readStatement("SELECT 'FORMAT CSV' /* FORMAT TSV */ -- FORMAT XML\n FORMAT JSON")).toEqual({
      kind: 'select',
      format: 'JSON',
    });
    expect(readStatement('SELECT (SELECT 1 FORMAT CSV), $$ FORMAT TSV $$')).toEqual({
      kind: 'select',
      format: undefined,
    });
    expect(readStatement('(SELECT 1) UNION ALL (SELECT 2);')).toMatchObject({ kind: 'select' });
  });

  it.each([
    'SELECT 1; DROP TABLE t',
    "SELECT 1 INTO OUTFILE '/tmp/x'",
    "INSERT INTO t FROM INFILE '/etc/passwd' FORMAT LineAsString",
  ])('refuses %s', (sql) => {
    expect(() => readStatement(sql)).toThrow(StatementRefused);
  });

  it('reads any text, or refuses it', () => {
    const piece = fc.constantFrom(
      'INSERT',
      'SELECT',
      'FORMAT',
      'x',
      ';',
      "'",
      '"',
      '`',
      '\\',
      '$$',
      '/*',
      '*/',
      '--',
      '\n',
      ' ',
      '(',
      ')',
      '.',
      '\0',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((parts) => parts.join('')),
        ),
        (sql) => {
          try {
            const statement = readStatement(sql);
            if (statement.kind === 'insert') expect(statement.dataAt).toBeLessThanOrEqual(sql.length);
          } catch (error) {
            expect(error).toBeInstanceOf(StatementRefused);
          }
        },
      ),
    );
  });
});
