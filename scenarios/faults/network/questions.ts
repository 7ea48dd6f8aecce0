/** A question of at least so many bytes, in each server's own language, to which it has a short answer. */
export const QUESTIONS: Readonly<Record<string, (bytes: number) => Buffer>> = {
  redis: (bytes) =>
    Buffer.from(`*2\r\n$4\r\nECHO\r\n$${bytes}\r\n${' '.repeat(bytes)}\r\n*1\r\n$4\r\nPING\r\n`),
  elasticsearch: (bytes) => request('POST /_analyze', `{"text":"a"${' '.repeat(bytes)}}`),
  clickhouse: (bytes) => request('POST /', `SELECT 1${' '.repeat(bytes)}`),
  // ApiVersions 0, correlation id 1, and a long client id.
  kafka(bytes) {
    const question = Buffer.alloc(14 + bytes, 'c');
    question.writeInt32BE(10 + bytes, 0);
    question.writeInt16BE(18, 4);
    question.writeInt16BE(0, 6);
    question.writeInt32BE(1, 8);
    question.writeInt16BE(bytes, 12);
    return question;
  },
};

/** After this a server ends the connection. */
export const FAREWELLS: Readonly<Record<string, Buffer>> = {
  redis: Buffer.from('QUIT\r\n'),
  elasticsearch: request('POST /_analyze', '{"text":"a"}'),
  clickhouse: request('POST /', 'SELECT 1'),
  // Longer than any request may be.
  kafka: Buffer.alloc(16, 0x7f),
};

function request(line: string, body: string): Buffer {
  const head = `${line} HTTP/1.1\r\nHost: proxy\r\nContent-Type: application/json\r\nConnection: close\r\n`;
  return Buffer.from(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}
