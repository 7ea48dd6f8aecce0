import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** A key and a certificate of its own for this machine, in files. */
export interface SelfSigned {
  readonly key: string;
  readonly certificate: string;
}

/** Makes them, in a folder that is there. */
export function selfSigned(folder: string): SelfSigned {
  const files = { key: join(folder, 'key.pem'), certificate: join(folder, 'certificate.pem') };
  execFileSync(
    'openssl',
    [
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
      ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
      ['-keyout', files.key, '-out', files.certificate],
    ].flat(),
    { stdio: 'ignore' },
  );
  return files;
}

/** Ends TLS in front of a server that has none, as load balancers do. */
export interface TlsProxy {
  readonly url: string;
  close(): Promise<void>;
}

/** @param authorization what a request must carry; 401 for those that do not */
export async function startTlsProxy(
  target: string,
  { key, certificate }: SelfSigned,
  authorization?: string,
): Promise<TlsProxy> {
  const { hostname, port } = new URL(target);
  const server = createServer(
    { key: readFileSync(key), cert: readFileSync(certificate) },
    (asked, answer) => {
      if (authorization !== undefined && asked.headers.authorization !== authorization) {
        answer.writeHead(401, { 'content-type': 'application/json' }).end('{"error":"no credentials"}');
        return;
      }
      const { method, url: path, headers } = asked;
      const onward = request({ hostname, port, method, path, headers }, (got) => {
        answer.writeHead(got.statusCode!, got.headers);
        got.pipe(answer);
      });
      onward.on('error', () => answer.destroy());
      asked.pipe(onward);
    },
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
