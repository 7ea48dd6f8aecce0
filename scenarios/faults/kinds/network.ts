import { z } from 'zod';
import { duration } from '../../../pipeline/contracts/units.ts';
import { counted } from '../counters.ts';
import { TOUCHES, type Trouble } from '../network/troubles.ts';
import { WayProxy } from '../network/way-proxy.ts';
import { type FaultEvidence, type FaultKind, type FaultWorld, Witness } from './kind.ts';

const fields = z.strictObject({
  network: z
    .enum(Object.keys(TOUCHES) as [Trouble, ...Trouble[]])
    .describe(
      'cut: connections are refused; partition: nothing comes through, and nobody is told; slow: answers take a second longer; ' +
        'narrow: 20 kB/s; slow close: the end of a connection is heard of seconds later; unanswered: requests come through, and ' +
        'connections break before their answers, again and again',
    ),
  between: z
    .string()
    .regex(/^[a-z-]+( and [a-z]+)?$/)
    .describe('`parser and kafka`, or a server alone: all ways to it'),
  down: duration.default(4_000).describe('How long'),
});

/** What happens to the ways between roles and servers, each of which is a proxy. */
export const network: FaultKind<typeof fields> = {
  fields,
  touches: ({ between }) => between.split(' and '),
  async inject({ network: trouble, between, down }, world) {
    const proxies = proxiesOf(between, world);
    const touch = TOUCHES[trouble];
    const witnesses = proxies.map((proxy) => {
      const [role, server] = proxy.ends;
      return new Witness(world, {
        table: 'faults',
        fault: `${role}: ${trouble}`,
        where: server,
      });
    });
    const note = async (look: (proxy: WayProxy, witness: Witness) => Promise<void>) => {
      await Promise.all(proxies.map((proxy, i) => look(proxy, witnesses[i]!)));
    };
    await note(async (proxy, witness) => {
      const said = await proxy.ask();
      witness.note(said.answered, `${proxy.server} answered through the proxy before: ${said.how}`);
    });
    const before = await Promise.all(proxies.map(({ ends: [role] }) => troublesOf(role, world)));
    try {
      await Promise.all(proxies.map((proxy) => touch.begin(proxy)));
      await note(async (proxy, witness) => {
        const said = await touch.look(proxy);
        witness.note(said.seen, said.what);
      });
      await touch.goOn(proxies, down, world);
    } finally {
      await Promise.all(proxies.map((proxy) => proxy.restore()));
    }
    await note(async (proxy, witness) => {
      const said = await proxy.ask();
      witness.note(said.answered, `and afterwards again: ${said.how}`);
    });
    // Not every trouble must be met: who sends nothing meanwhile, or asks again below where it counts, has no error.
    for (const [i, { ends }] of proxies.entries()) {
      const after = await troublesOf(ends[0], world);
      if (before[i] === undefined || after === undefined) continue;
      witnesses[i]!.note(true, `${ends[0]} counted ${after - before[i]} errors and repeats meanwhile`);
    }
    return witnesses.map((witness): FaultEvidence => witness.evidence());
  },
};

/** What a role says that went wrong for it, and was done again; undefined where it does not answer. */
function troublesOf(role: string, world: FaultWorld): Promise<number | undefined> {
  return counted(role, ['errors', 'retries'], world);
}

/** @throws Error no such way */
function proxiesOf(between: string, { stack }: FaultWorld): WayProxy[] {
  if (stack.network === undefined) throw new Error('this stack has no proxies: stack: { network: true }');
  const { apiUrl, proxies } = stack.network;
  const [one, server] = between.split(' and ') as [string, string | undefined];
  const names = Object.keys(proxies).filter((name) =>
    server === undefined ? name.endsWith(`-${one}`) : name === `${one}-${server}`,
  );
  if (names.length === 0) throw new Error(`there is no way between ${between}`);
  return names.map((name) => new WayProxy(apiUrl, name, proxies[name]!));
}
