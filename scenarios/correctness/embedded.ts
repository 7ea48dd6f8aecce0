import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EmbeddedStackOptions, startEmbeddedStack } from '../../containers/embedded/stack.ts';
import type { Stack } from '../../containers/stack.ts';
import type { Result } from '../../reports/result.ts';
import { planTraffic, runMark, trafficSettings } from '../../simulator/plan/index.ts';
import { type RunOptions, runTraffic, type Traffic } from '../runs/run-traffic.ts';

export const CLICKPROOF = [process.execPath, fileURLToPath(new URL('../../cli/bin.js', import.meta.url))];

/** The simulator's traffic of some settings. */
export function simulated(
  settings: Parameters<typeof trafficSettings.parse>[0],
  speed: Traffic['speed'] = 'realtime',
): Traffic {
  const traffic = trafficSettings.parse(settings);
  return {
    mark: runMark(traffic),
    seed: traffic.seed,
    settings: { ...traffic },
    plan: planTraffic(traffic),
    speed,
  };
}

/** Runs traffic through an embedded stack of its own, with every stage a process of its own. */
export async function runScenario(
  traffic: Traffic,
  options: Pick<RunOptions, 'concurrency'> & {
    stack?: Partial<EmbeddedStackOptions>;
    /** What goes wrong; traffic is sent until it is over, or as long as the traffic lasts where there is none. */
    faults?: (stack: Stack) => Promise<void>;
  } = {},
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'clickproof-scenario-'));
  const { faults } = options;
  const sending = new AbortController();
  let stack: Stack | undefined;
  try {
    const running = await startEmbeddedStack({
      dataDir: join(folder, 'data'),
      clickproof: CLICKPROOF,
      workers: [['parser'], ['flattener'], ['persister'], ['clickhouse-sink']],
      restart: false,
      ...options.stack,
    });
    stack = running;
    return await runTraffic({
      stack,
      traffic,
      folder,
      command: 'scenario',
      reproduce: '',
      stopSending: sending.signal,
      ...(faults && { faults: () => faults(running).finally(() => sending.abort()) }),
      ...(options.concurrency && { concurrency: options.concurrency }),
    });
  } finally {
    await stack?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a reader needs to see of a result that should have been clean. */
export function outcome(result: Result): object {
  return { verdict: result.verdict, reasons: result.reasons, findings: result.findings.slice(0, 5) };
}

export const CLEAN = { verdict: 'pass', reasons: [], findings: [] };
