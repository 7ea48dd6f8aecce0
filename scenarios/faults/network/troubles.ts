import type { FaultWorld } from '../kinds/kind.ts';
import type { Toxic, WayProxy } from './way-proxy.ts';

export type Trouble = 'cut' | 'partition' | 'slow' | 'narrow' | 'slow close' | 'unanswered';

/** How a trouble is made, and how it is seen to be there. */
interface Touch {
  begin(proxy: WayProxy): Promise<void>;
  look(proxy: WayProxy): Promise<{ seen: boolean; what: string }>;
  /** For so long. */
  goOn(proxies: readonly WayProxy[], ms: number, world: FaultWorld): Promise<void>;
}

const lasts: Touch['goOn'] = (_, ms, world) => world.sleep(ms);
const LATENCY_MS = 1_000;
const KILOBYTES_A_SECOND = 20;
/** Bytes that take a second and a half to come through. */
const LARGE = 30_000;
const CLOSES_AFTER_MS = 3_000;
/** Less than any client waits for an answer, more than one takes. */
const SILENT_MS = 1_500;

const both = (toxic: Omit<Toxic, 'stream'>) => async (proxy: WayProxy) => {
  await proxy.add({ ...toxic, stream: 'upstream' });
  await proxy.add({ ...toxic, stream: 'downstream' });
};

const down =
  ({ type, attributes }: Omit<Toxic, 'stream'>) =>
  (proxy: WayProxy) =>
    proxy.add({ type, attributes, stream: 'downstream' });

/** The next answer on each connection breaks it: whoever asked does not learn what came of it. */
const unanswered = down({ type: 'reset_peer', attributes: { timeout: 0 } });
const PULSE_MS = 300;
const BETWEEN_PULSES_RECORDS = 40;

export const TOUCHES: Readonly<Record<Trouble, Touch>> = {
  cut: {
    begin: (proxy) => proxy.enable(false),
    async look(proxy) {
      const { answered, how } = await proxy.ask();
      return { seen: !answered, what: `then a connection ended with: ${how}` };
    },
    goOn: lasts,
  },
  partition: {
    begin: both({ type: 'timeout', attributes: { timeout: 0 } }),
    async look(proxy) {
      const { answered, how } = await proxy.ask({ withinMs: SILENT_MS });
      return { seen: !answered && how.startsWith('no answer'), what: `then: ${how}` };
    },
    goOn: lasts,
  },
  slow: {
    begin: down({ type: 'latency', attributes: { latency: LATENCY_MS, jitter: LATENCY_MS / 4 } }),
    async look(proxy) {
      const { answered, ms, how } = await proxy.ask();
      return { seen: answered && ms > LATENCY_MS / 2, what: `then: ${how}` };
    },
    goOn: lasts,
  },
  narrow: {
    begin: both({ type: 'bandwidth', attributes: { rate: KILOBYTES_A_SECOND } }),
    async look(proxy) {
      const { answered, ms, how } = await proxy.ask({ bytes: LARGE });
      const seen = answered && ms > LARGE / KILOBYTES_A_SECOND / 2;
      return { seen, what: `then, to a question of ${LARGE} bytes: ${how}` };
    },
    goOn: lasts,
  },
  'slow close': {
    begin: both({ type: 'slow_close', attributes: { delay: CLOSES_AFTER_MS } }),
    async look(proxy) {
      const ms = await proxy.heardOfEnd();
      const seen = ms !== undefined && ms > CLOSES_AFTER_MS / 2;
      return { seen, what: `then the end of a connection was heard of after ${ms?.toFixed(0)} ms` };
    },
    goOn: lasts,
  },
  unanswered: {
    begin: unanswered,
    async look(proxy) {
      const { answered, how } = await proxy.ask();
      return { seen: !answered, what: `then a request through the proxy had no answer: ${how}` };
    },
    async goOn(proxies, ms, world) {
      for (const until = world.now() + ms; ; ) {
        await world.sleep(PULSE_MS);
        await Promise.all(proxies.map((proxy) => proxy.restore()));
        if (world.now() > until) return;
        await world.flow(BETWEEN_PULSES_RECORDS);
        await Promise.all(proxies.map((proxy) => unanswered(proxy)));
      }
    },
  },
};
