import { expect, test } from 'vitest';
import { defaultGateway } from './default-gateway.ts';

const TABLE = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth1\t0050A8C0\t00000000\t0001\t0\t0\t0\t00F0FFFF\t0\t0\t0
eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
`;

const saying = (output: string, exitCode = 0) => ({ exec: async () => ({ output, exitCode }) });

test("the default route's gateway, of the networks that a container is in", async () => {
  expect(await defaultGateway(saying(TABLE))).toBe('172.17.0.1');
});

test('nobody knows where there is no default route, or no such table', async () => {
  expect(await defaultGateway(saying(TABLE.replace('00000000\t010011AC', '0050A8C0\t010011AC')))).toBeNull();
  expect(await defaultGateway(saying('cat: not found', 1))).toBeNull();
  expect(await defaultGateway(saying(''))).toBeNull();
});
