import type { Command } from 'commander';
import { stringify } from 'yaml';
import type { KeptAddresses, KeptServer } from '../../containers/definitions/kept.ts';
import { onPull } from '../../containers/images/pull.ts';
import { Interrupt } from '../interrupt.ts';
import { removeStarted } from '../run/remove-started.ts';
import { textTable } from '../run/text-table.ts';

/** `clickproof stack up|status|down`: Kafka, Redis, Elasticsearch and ClickHouse in containers, kept up to look around or work on. */
export function registerStack(program: Command): void {
  const stack = program
    .command('stack')
    .helpGroup('The main jobs:')
    .description('keep Kafka, Redis, Elasticsearch and ClickHouse up in containers, and say where they are');
  const load = () => import('../../containers/definitions/kept.ts');
  stack
    .command('up')
    .description('start them; on standard output: the configuration file for roles that are to use them')
    .action(async () => {
      using interrupt = new Interrupt(() => console.error('stops what has been started'), removeStarted);
      const { keepUp } = await load();
      const noMore = onPull((image) => console.error(`pulls ${image} …`));
      try {
        const { started } = await keepUp(interrupt.signal);
        console.error(started ? 'the servers are up, until npm run stack -- down:' : 'they are up already:');
      } catch (error) {
        if (!interrupt.signal.aborted) throw error;
        process.exitCode = 130;
        return;
      } finally {
        noMore();
      }
      await show();
    });
  stack.command('status').description('say which are up, and where').action(show);
  stack
    .command('down')
    .description('take them down, with their data')
    .action(async () => {
      const { takeDown } = await load();
      const removed = await takeDown();
      console.error(removed.length > 0 ? `removed ${removed.join(', ')}` : 'nothing was up');
    });

  async function show(): Promise<void> {
    const { addressesOf, keptServers } = await load();
    const servers = await keptServers();
    if (servers.length === 0) {
      console.error('nothing is up; npm run stack -- up starts the servers');
      process.exitCode = 1;
      return;
    }
    console.error(textTable(['server', 'address', 'image', 'status'], servers.map(row)));
    console.log(configuration(addressesOf(servers)).trimEnd());
  }
}

function row({ name, address, image, standIn, status }: KeptServer): string[] {
  return [name, address ?? 'down', standIn === undefined ? image : `${standIn} (not ${image})`, status];
}

/** What the roles of a pipeline on these servers are to be told. */
function configuration({ kafka, redis, elasticsearch, clickhouse }: KeptAddresses): string {
  return stringify({
    pipeline: { eventLog: 'kafka', kafkaBrokers: [kafka], profiles: 'redis' },
    redis: { redisUrl: `redis://${redis}` },
    clickhouseSink: { clickhouseUrl: `http://${clickhouse}` },
    elasticsearchSink: { elasticsearchUrl: `http://${elasticsearch}` },
  });
}
