/**
 * The least that node:http can do for the same: `bare-server PORT FILE` answers every request with a pixel and writes a line of a few
 * fields through a stream, without waiting for it.
 */
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:http';

const [port, file] = process.argv.slice(2);
const log = createWriteStream(file!, { flags: 'a' });
const pixel = Buffer.from('R0lGODlhAQABAPAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64');

createServer((request, response) => {
  log.write(
    `${JSON.stringify({
      remote_addr: request.socket.remoteAddress,
      msec: (Date.now() / 1000).toFixed(3),
      url: request.url,
      user_agent: request.headers['user-agent'],
      referer: request.headers.referer,
      cookies: request.headers.cookie,
    })}\n`,
  );
  response.writeHead(200, { 'Content-Type': 'image/gif', 'Content-Length': pixel.length });
  response.end(pixel);
}).listen(Number(port), '127.0.0.1');
