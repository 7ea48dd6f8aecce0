import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { clickproof, temporaryDirectory } from './support/clickproof.ts';
import { say } from './support/say.ts';

/** A mistake in how the command is called: what was typed, and what must be said to it. */
const MISTAKES: readonly (readonly [typed: string, ...said: string[]])[] = [
  ['simulat', "unknown command 'simulat'", 'Did you mean simulate?'],
  ['simulate --visitorz 3', "unknown option '--visitorz'", 'Did you mean --visitors?'],
  ['simulate extra', 'too many arguments'],
  ['simulate --rate fast', '--rate: a rate like 200/s or 12k/m, not "fast"'],
  ['simulate --rate 0', '--rate: a rate like 200/s'],
  ['simulate --faulty 7', '--faulty: a share like 5% or 0.05, not "7"'],
  ['simulate --duration soon', '--duration: a duration like 10s, 5m or 250ms, not "soon"'],
  ['simulate --rate 5000000/s', '--rate: at most 100,000/s, not "5000000/s"'],
  ['simulate --duration 10', '--duration: 10 ms is too short', 'give seconds as 10s'],
  ['simulate --seed 1.5', '--seed: 1.5 is not a whole number'],
  ['simulate --visitors none', '--visitors: "none" is not a number'],
  ['simulate --visitors 0', '--visitors: 0 is too small, it must be at least 1'],
  ['simulate --speed 3', '--speed: realtime, max or a factor like 10x, not "3"'],
  ['simulate --stack docker', 'there is no stack "docker"', 'there are: embedded, containers'],
  ['simulate --shipper filebeat', '--shipper filebeat runs in a container', 'add --stack containers'],
  ['simulate --target example.com', '--target: not an http(s) URL'],
  ['simulate --target http://example.com', 'example.com is not this machine', '--i-own-this-target'],
  ['simulate --target http://127.0.0.1:8080/i', 'has no path', 'give http://127.0.0.1:8080'],
  ['simulate --out /dev/null/run', '/dev/null/run', 'choose another folder with --out'],
  ['simulate --browsers 9', '--browsers: not a number from 0 to 8: 9'],
  ['verify --stack docker', 'there is no stack "docker"', 'there are: embedded, containers, external'],
  ['verify --stack external', 'needs to know your services', '--config my.yaml'],
  ['verify --config my.yaml', 'names your own services', 'add --stack external'],
  ['verify --events 10 --scenario zombies', '--events', '--scenario one-million-events'],
  ['replay', "missing required argument 'file'"],
  ['load', "missing required argument 'scenario'"],
  ['load storm', 'there is no scenario "storm"', 'there are: smoke'],
  ['load smoke --vus none', '--vus: not a number from 1 to 2000: none'],
  ['load smoke --duration 10', '--duration: 10 ms is too short', 'give seconds as 10s'],
  ['worker', "missing required argument 'stages'"],
  ['worker parsr', 'there is no stage "parsr"', 'did you mean "parser"?'],
  ['shipper', '--id is needed', 'CLICKPROOF_SHIPPER_ID or shipper.id in the configuration file'],
  ['collector --port 99999', '--port: 99999 is too large, it must be at most 65535'],
  ['collector --port 80a', '--port: "80a" is not a number'],
  ['collector --fsync often', '--fsync: "often" is not one of off, batch'],
  ['collector --rotate-size big', '--rotate-size: a size like 64KiB or 1MB, not "big"'],
  ['enrich --anonymised-octets 9', '--anonymised-octets: 9 is too large, it must be at most 4'],
  ['enrich --fingerprint-algorithm MD6', '"MD6" is not one of MD5', 'did you mean MD5?'],
  ['collector --config nowhere.yaml', 'configuration file nowhere.yaml', 'there is no such file'],
];

async function isRefused(args: readonly string[], said: readonly string[]) {
  const { code, out, err } = await say(args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(/^clickproof: /);
  expect(err).not.toMatch(/\n\s+at /);
  for (const part of said) expect(err).toContain(part);
}

test.each(MISTAKES)('clickproof %s', async (typed, ...said) => {
  await isRefused(typed.split(' '), said);
});

test.each<[string, object, readonly string[], readonly string[]]>([
  [
    'a pipeline that is there already',
    { external: { collector: 'http://127.0.0.1:8080' }, pipeline: { eventLog: 'kafka' } },
    [],
    [
      'nothing may be made to fail there',
      'npm run simulate -- --stack external --config',
      'external.collector',
    ],
  ],
  [
    'a host that may be anybody’s',
    { clickhouseSink: { clickhouseUrl: 'http://clickhouse.example:8123' } },
    [],
    ['clickhouse.example:8123 is not this machine', '--i-own-this-target'],
  ],
  [
    'a server that is not there',
    { redis: { redisUrl: 'redis://:not-a-secret@127.0.0.1:1/0' }, pipeline: { profiles: 'redis' } },
    [],
    ['there is no Redis at 127.0.0.1:1; nothing was started'],
  ],
  [
    'a scenario that would do something to a server',
    { pipeline: { eventLog: 'kafka' } },
    ['--scenario', 'elasticsearch-refuses'],
    ['does not run on the external stack', 'add --stack containers'],
  ],
])('the correctness suite on services of one’s own refuses %s', async (_, sections, flags, said) => {
  const config = join(temporaryDirectory(), 'my.yaml');
  writeFileSync(config, JSON.stringify(sections));
  await isRefused(['verify', '--stack', 'external', '--config', config, ...flags], said);
});

test('a mistake ends the command with code 2, nothing on standard output and no stack trace', async () => {
  const { code, stdout, stderr } = await clickproof(['simulate', '--rate', 'fast']);
  expect({ code, stdout, stderr }).toEqual({
    code: 2,
    stdout: '',
    stderr: 'clickproof: --rate: a rate like 200/s or 12k/m, not "fast"\n',
  });
});

describe('mistakes in the configuration file', () => {
  test.each([
    ['colector:\n  port: 1', ['there is no section "colector"', 'did you mean "collector"?']],
    ['collector:\n  prot: 1', ['collector has no setting "prot"', 'did you mean "port"?']],
    ['collector:\n  port: -1', ['file.yaml: collector.port: -1 is too small, it must be at least 0']],
    [
      'collector:\n  cookieSecure: perhaps',
      ['file.yaml: collector.cookieSecure: "perhaps" is neither true nor false'],
    ],
    ['collector: 8080', ['section "collector" must hold settings']],
    ['- collector', ['file.yaml holds no sections']],
    ['collector: {port: 1', ['file.yaml is not YAML']],
    // A section of another role: its names are checked all the same.
    [
      'persister:\n  visitorWindwo: 3',
      ['persister has no setting "visitorWindwo"', 'did you mean "visitorWindow"?'],
    ],
    ['pipeline:\n  topics:\n    raw: 7', ['file.yaml: pipeline.topics.raw: 7 is not a text']],
    ['pipeline:\n  topics:\n    rwa: x', ['file.yaml: pipeline.topics: there is no "rwa"']],
  ])('%j', async (text, said) => {
    const path = join(temporaryDirectory(), 'file.yaml');
    writeFileSync(path, text);
    await isRefused(['collector', '--config', path], said);
  });
});

test.each([
  ['http://127.0.0.1:8080/collect', 'external.collector', '/collect is one too much'],
  ['http://127.0.0.1:8080/?key=1', 'external.collector', 'give http://127.0.0.1:8080'],
])("a collector's address in the configuration file: %s", async (collector, ...said) => {
  const path = join(temporaryDirectory(), 'my.yaml');
  writeFileSync(path, `external:\n  collector: ${collector}\n`);
  await isRefused(['simulate', '--stack', 'external', '--config', path], said);
});

describe('mistakes in the environment', () => {
  afterEach(() => vi.unstubAllEnvs());

  test.each([
    ['CLICKPROOF_COLLECTOR_PORT', 'eighty', ['CLICKPROOF_COLLECTOR_PORT: "eighty" is not a number']],
    [
      'CLICKPROOF_COLLECTOR_PROT',
      '80',
      ['CLICKPROOF_COLLECTOR_PROT is no setting', 'did you mean "CLICKPROOF_COLLECTOR_PORT"?'],
    ],
    ['CLICKPROOF_PIPELINE_TOPICS', '{', ['CLICKPROOF_PIPELINE_TOPICS is neither JSON nor YAML']],
  ])('%s=%s', async (name, value, said) => {
    vi.stubEnv(name, value);
    await isRefused(['collector'], said);
  });
});

test.each([
  ['CLICKPROOF_K6', ['load', 'smoke']],
  ['CLICKPROOF_CHROMIUM', ['simulate', '--browsers', '1']],
])('%s that names no program is said before anything is started', async (variable, args) => {
  const out = join(temporaryDirectory(), 'run');
  const before = process.env[variable];
  process.env[variable] = '/nowhere/program';
  try {
    const { code, err } = await say([...args, '--out', out]);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('names /nowhere/program') });
    expect(existsSync(out)).toBe(false);
  } finally {
    if (before === undefined) delete process.env[variable];
    else process.env[variable] = before;
  }
});

test.each(['result.json', 'suite.json', 'stacks'])(
  'a folder that holds a run (%s) is left as it is',
  async (trace) => {
    const folder = temporaryDirectory();
    writeFileSync(join(folder, trace), '{}');
    await isRefused(['simulate', '--out', folder], [`holds a run already (${trace})`, '--out']);
    expect(readdirSync(folder)).toEqual([trace]);
  },
);

const COMMANDS = [
  'simulate',
  'replay',
  'load',
  'verify',
  'throughput',
  'bench',
  'collector',
  'shipper',
  'worker',
  'clickhouse',
  'enrich',
];

test('the help lists every command', async () => {
  const { code, out } = await say(['--help']);
  expect(code).toBe(0);
  for (const name of COMMANDS) expect(out).toMatch(new RegExp(`^ {2}${name} `, 'm'));
});

test.each(COMMANDS)('%s --help fits into 80 columns and shows values as people type them', async (name) => {
  const { code, out, err } = await say([name, '--help']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  for (const line of out.split('\n')) expect([...line].length, line).toBeLessThanOrEqual(80);
  for (const [, value] of out.replaceAll(/\n\s+/g, ' ').matchAll(/\(default: ([^)]*)\)/g)) {
    expect(value).not.toMatch(/object|undefined|null/);
    // Large bare numbers would be sizes or durations without their unit; the begin of a run is a Unix time.
    expect(value).not.toMatch(/^\d{6,12}$/);
  }
});

test.each(['--version', '-V'])('clickproof %s', async (flag) => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(await say([flag])).toEqual({ code: 0, out: `${version}\n`, err: '' });
});
