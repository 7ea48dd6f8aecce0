import { parseArgs } from 'node:util';
import type { AnyPart, Search } from './part.ts';
import { counterexampleOf } from './part.ts';
import { PARTS } from './parts.ts';
import { printed, table } from './print.ts';

const HELP = `Searches all states of the delivery protocol, part by part, for one that must not be.

  npm run model                              every part, with all its guards
  npm run model -- --guards                  every guard, and what goes wrong without it
  npm run model -- --without GUARD           the shortest way to what goes wrong without it
  npm run model -- --part NAME               that part only
  npm run model -- --deep                    with wider bounds too (a minute)`;

const { values } = parseArgs({
  options: {
    part: { type: 'string' },
    without: { type: 'string' },
    guards: { type: 'boolean', default: false },
    deep: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const parts = PARTS.filter(({ name }) => values.part === undefined || values.part === name);

if (values.help) console.log(HELP);
else if (parts.length === 0)
  wrongly(
    `there is no part "${values.part}"`,
    PARTS.map(({ name }) => name),
  );
else if (values.without !== undefined) showWithout(values.without);
else if (values.guards) showGuards();
else showSearches();

function showSearches(): void {
  const rows: string[][] = [];
  for (const part of parts) {
    for (const search of part.searches) {
      if (search.deep && !values.deep) continue;
      const { states, endings, counterexample } = part.search(search);
      rows.push([
        part.name,
        bounds(part, search),
        states.toLocaleString('en'),
        endings.toLocaleString('en'),
        counterexample ? counterexample.property : 'nothing wrong',
      ]);
      if (!counterexample) continue;
      process.exitCode = 1;
      console.log(printed(part.name, undefined, counterexample));
    }
  }
  console.log(table(['part', 'bounds', 'states', 'endings', 'found'], rows));
}

function showGuards(): void {
  const rows = parts.flatMap((part) =>
    Object.entries(part.guards).map(([name, { what, why }]) => {
      const { property } = counterexampleOf(part, name);
      return [part.name, name, property ?? 'nothing', why === undefined ? what : `${what} (${why})`];
    }),
  );
  console.log(table(['part', 'guard', 'without it', 'what it is'], rows));
}

function showWithout(guard: string): void {
  const having = parts.filter(({ guards }) => Object.hasOwn(guards, guard));
  if (having.length === 0) {
    wrongly(`there is no guard "${guard}"`, [...new Set(parts.flatMap(({ guards }) => Object.keys(guards)))]);
  }
  for (const part of having) {
    const { what, why } = part.guards[guard]!;
    const found = counterexampleOf(part, guard);
    if (found.property !== undefined) console.log(printed(part.name, `${guard} (${what})`, found));
    else console.log(`${part.name} without ${guard} (${what}): nothing goes wrong, ${why}\n`);
  }
}

function bounds({ size }: AnyPart, { faults }: Search): string {
  const least = Object.entries({ ...size, ...faults }).filter(([, most]) => most > 0);
  return least.map(([name, most]) => `${most} ${spelled(name, most)}`).join(', ');
}

/** `lateLines` as `late lines`, and one of them as `late line`. */
function spelled(name: string, count: number): string {
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return count === 1 ? words.replace(/ies$/, 'y').replace(/s$/, '') : words;
}

function wrongly(message: string, known: readonly string[]): void {
  console.error(`model: ${message}\n  there are: ${known.join(', ')}`);
  process.exitCode = 2;
}
