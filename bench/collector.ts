import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { aimMet } from '../reports/result.ts';
import { type BenchContext, type Benchmark, type BenchOutcome, perSecond } from './benchmark.ts';
import { startLoad } from './collector/load.ts';
import {
  nginxVersion,
  type Server,
  startBareServer,
  startCollectorServer,
  startNginx,
} from './collector/servers.ts';
import { figure } from './figure.ts';
import { busyShare } from './processes/busy.ts';
import { canPin } from './processes/cores.ts';
import { writtenProfiles } from './profile/written.ts';
import { recordedGets } from './samples/recording.ts';
import { estimate } from './statistics/estimate.ts';
import { interleave } from './statistics/interleave.ts';

/** Of what Nginx does. */
const AIM = 0.7;
/** Below this share of its core the server waited for the load. */
const SATURATED = 0.93;

export const collectorBenchmark: Benchmark = {
  name: 'collector',
  run,
};

async function run(context: BenchContext): Promise<BenchOutcome> {
  const { quick, rounds, scratch, clickproof, say } = context;
  const seconds = quick ? 1 : 3;
  const [request] = await recordedGets();
  const load = await startLoad(request!);
  const nginx = nginxVersion();
  const servers: Record<string, Server> = {};
  try {
    servers.collector = await startCollectorServer(clickproof, scratch);
    servers.bare = await startBareServer(scratch);
    if (nginx !== undefined) servers.nginx = await startNginx(scratch);
    const busy: Record<string, number[]> = {};
    const under = (name: string) => async () => {
      const { pid, port } = servers[name]!;
      const { result, share } = await busyShare(pid, () => load.run(port, seconds));
      if (share !== undefined) busy[name] = [...(busy[name] ?? []), share];
      return result;
    };
    const measured = await interleave(
      Object.fromEntries(Object.keys(servers).map((name) => [name, under(name)])),
      rounds,
    );
    const rates = (name: string) => measured[name]!.map(perSecond);
    const notes = [
      `GET of ${(request!.target.length / 1000).toFixed(1)} kB on 64 keep-alive connections, sent by ${load.name}`,
      canPin()
        ? 'the server on one core, the load on the other'
        : 'not bound to cores: the figure is not of one core alone',
      ...Object.entries(busy).flatMap(([name, shares]) => bottleneck(name, shares)),
    ];
    const bare = { name: 'bare node:http server that writes the line', samples: rates('bare') };
    const besideNginx =
      nginx !== undefined
        ? { name: `Nginx ${nginx}, one worker, the same log format`, samples: rates('nginx') }
        : undefined;
    const found = figure({
      name: 'collector',
      unit: 'requests/s per core',
      samples: rates('collector'),
      reference: besideNginx ?? bare,
      ...(besideNginx === undefined && {
        published: [
          {
            name: 'Nginx 1.22, one worker on one core, wrk on the other',
            value: 56_900,
            source: 'the same request on the same kind of machine, docs/benchmarks.md',
          },
        ],
      }),
      ...(besideNginx && { aim: AIM * estimate(besideNginx.samples).median }),
      notes: besideNginx ? notes : [...notes, 'Nginx is not installed here: no aim to compare with'],
    });
    const figures = [found];
    if (besideNginx) {
      figures.push(
        figure({
          name: 'bare node:http',
          unit: 'requests/s per core',
          samples: bare.samples,
          reference: besideNginx,
          notes: [],
        }),
      );
    }
    if (aimMet(found) !== false) return { figures };
    say('collector: below its aim, looks where the time goes');
    return { figures: [{ ...found, profile: await profile() }, ...figures.slice(1)] };
  } finally {
    load.stop();
    for (const server of Object.values(servers)) await server.stop();
  }

  async function profile() {
    const folder = await mkdtemp(join(scratch, 'profile-'));
    const server = await startCollectorServer(clickproof, folder, folder);
    await load.run(server.port, seconds).finally(() => server.stop());
    const written = await writtenProfiles(folder, () => 'collector');
    return written.flatMap(({ process, hotSpots }) => hotSpots.map((spot) => ({ process, ...spot })));
  }
}

function bottleneck(name: string, shares: readonly number[]): string[] {
  const share = Math.max(...shares);
  return share >= SATURATED
    ? []
    : [
        `${name} used ${Math.round(share * 100)} % of its core at most: the load generator was the bottleneck, it can do more`,
      ];
}
