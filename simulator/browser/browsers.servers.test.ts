import { describe, expect, test } from 'vitest';
import { CLEAN, outcome, runScenario, simulated } from '../../scenarios/correctness/embedded.ts';
import type { PlannedRequest } from '../plan/index.ts';
import { type SendOptions, send } from '../transport/index.ts';
import { sendAlongBrowsers } from './send-along.ts';
import { chromiumForTests } from './testing/chromium.ts';

const { chromium, why } = chromiumForTests();

/** The ledger as it is, and what it is told of real browsers. */
function overheard(ledger: NonNullable<SendOptions['ledger']>, heard: PlannedRequest[]) {
  return {
    intend(plan: PlannedRequest, due: number) {
      if (plan.kind === 'browser') heard.push(plan);
      ledger.intend(plan, due);
    },
    answer: (answer: Parameters<typeof ledger.answer>[0]) => ledger.answer(answer),
    flush: () => ledger.flush(),
  };
}

/** The parameters of a tracker request's events. */
function eventsOf({ method, target, body }: PlannedRequest): Record<string, string>[] {
  if (method === 'GET') return [Object.fromEntries(new URL(target, 'http://localhost').searchParams)];
  return method === 'POST' ? JSON.parse(String(body)).data : [];
}

describe.skipIf(why !== '')(`a real browser with the real tracker${why}`, () => {
  test('sends every kind of event by GET and by POST, and all are accounted for beside the simulated ones', async () => {
    const traffic = simulated({ rate: '40/s', duration: '2s', seed: 6 });
    const heard: PlannedRequest[] = [];
    const withBrowser = sendAlongBrowsers(send, { chromium, browsers: 1, mark: traffic.mark, appId: 'demo' });
    const result = await runScenario({
      ...traffic,
      send: (plan, options) => withBrowser(plan, { ...options, ledger: overheard(options.ledger!, heard) }),
    });
    expect(outcome(result)).toEqual(CLEAN);
    expect(result.traffic.byKind).toMatchObject({ browser: heard.length });
    expect(result.traffic.byKind.visitor).toBeGreaterThan(0);
    for (const method of ['GET', 'POST']) {
      const events = heard.filter((plan) => plan.method === method).flatMap(eventsOf);
      expect(events.every(({ tna, aid }) => tna === traffic.mark && aid === 'demo')).toBe(true);
      expect(new Set(events.map(({ e }) => e))).toEqual(new Set(['pv', 'pp', 'ue']));
      const described = events
        .filter(({ e }) => e === 'ue')
        .map(({ ue_pr, ue_px }) => ue_pr ?? Buffer.from(ue_px!, 'base64url').toString());
      for (const schema of ['link_click', 'add_to_cart'])
        expect(
          described.some((text) => text.includes(schema)),
          `${method} ${schema}`,
        ).toBe(true);
    }
    expect(heard.some(({ method }) => method === 'OPTIONS')).toBe(true);
  });

  test('stops when it is told to, though the visit is not over', async () => {
    const traffic = simulated({ rate: '40/s', duration: '30s', seed: 6 });
    const stop = new AbortController();
    const counts = await sendAlongBrowsers(
      (_plan, { signal, onProgress, ...rest }) => {
        // The plan is "sent" until somebody stops it.
        const ended = new Promise<void>((resolve) => signal!.addEventListener('abort', () => resolve()));
        return ended.then(() => send([], { ...rest, ...(onProgress && { onProgress }) }));
      },
      { chromium, browsers: 1, mark: traffic.mark, appId: 'demo' },
    )([], {
      target: 'http://127.0.0.1:9',
      signal: stop.signal,
      ledger: {
        intend: () => stop.abort(),
        answer() {},
        flush() {},
      },
    });
    expect(counts.sent).toBeGreaterThan(0);
    expect(counts.unreachable).toBe(counts.sent);
  });

  test('a Chromium that does not start is named', async () => {
    const sending = sendAlongBrowsers(send, {
      chromium: process.execPath,
      browsers: 1,
      mark: 'm',
      appId: 'demo',
    })([], { target: 'http://127.0.0.1:9' });
    await expect(sending).rejects.toMatchObject({
      code: 'BROWSER_FAILED',
      message: expect.stringContaining(process.execPath),
    });
  });
});
