import { randomUUID } from 'node:crypto';

/** A line of the access log for one page view. */
export function accessLine(id: string = randomUUID(), more: Readonly<Record<string, string>> = {}): string {
  return JSON.stringify({
    remote_addr: '203.0.113.7',
    scheme: 'https',
    msec: '1700000001.250',
    host: 'c.example.com',
    server_name: 'localhost',
    time: '2023-11-14T22:13:21+00:00',
    status: '200',
    size: '43',
    query_string: `e=pv&p=web&tv=js-3.8.0&aid=shop&eid=${id}&duid=${id}&url=http%3A%2F%2Fshop.example%2F`,
    request_body: '',
    uri: '/i',
    ...more,
  });
}
