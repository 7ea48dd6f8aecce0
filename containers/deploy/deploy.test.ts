import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { registerCollector } from '../../cli/commands/collector.ts';
import { registerShipper } from '../../cli/commands/shipper.ts';
import { registerWorker } from '../../cli/commands/worker.ts';
import { derivedDefaults } from '../../cli/settings/derived.ts';
import { refuseUnknownEnvironment } from '../../cli/settings/environment.ts';
import { type PipelineSettings, pipelineSettings } from '../../cli/settings/pipeline.ts';
import { resolveSettings } from '../../cli/settings/resolve.ts';
import { allSections } from '../../cli/settings/sections.ts';
import { DEFAULT_SIZE_LIMITS } from '../../pipeline/contracts/access-log.ts';
import { pipelineTopics } from '../../pipeline/contracts/topic-specs.ts';
import { VERSION } from '../../pipeline/contracts/version.ts';
import { IMAGE_IDS, imageName, imageVariable } from '../images/names.ts';
import { type Compose, composeProblems, interpolate, readCompose } from './testing/compose.ts';
import { containersOf, type Manifest, ofKind, readManifest, workloads } from './testing/kubernetes.ts';
import { environmentOf, referenceProblems } from './testing/references.ts';

const here = import.meta.dirname;
const root = join(here, '..', '..');
const OURS = `clickproof:${VERSION}`;
/** V8 is not all there is to a process. */
const BESIDE_HEAP_MIB = 128;

/** A role as it would run: what it makes of its arguments and its variables. */
interface Role {
  readonly name: string;
  readonly pipeline: PipelineSettings;
  readonly settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly heapMiB: number;
}

const SECTIONS: Readonly<Record<string, readonly string[]>> = {
  collector: ['collector'],
  shipper: ['shipper'],
  parser: ['parser', 'enrichment'],
  flattener: ['flattener'],
  persister: ['persister', 'redis'],
  'clickhouse-sink': ['clickhouseSink'],
  'elasticsearch-sink': ['elasticsearchSink'],
};

/**
 * Reads arguments and variables by the command line's own code, up to where the role would start.
 *
 * @throws UsageError, CommanderError, as the role would
 */
function roleOf(argv: readonly string[], environment: Readonly<Record<string, string>>): Role {
  const program = new Command('clickproof').exitOverride().configureOutput({ outputError: () => {} });
  for (const register of [registerCollector, registerShipper, registerWorker]) register(program);
  let flags: Record<string, unknown> = {};
  let name = '';
  for (const command of program.commands) {
    command.allowExcessArguments(false).action(() => {
      flags = command.opts();
      name = command.processedArgs[0]?.join('+') ?? command.name();
    });
  }
  program.parse([...argv], { from: 'user' });
  const sections = allSections();
  refuseUnknownEnvironment(sections, environment);
  const given = { flags, environment };
  const pipeline = resolveSettings('pipeline', pipelineSettings, given);
  const defaults = derivedDefaults(pipeline);
  const settings = SECTIONS[name]!.map((section) => [
    section,
    resolveSettings(section, sections[section]!, { ...given, defaults: defaults[section] }),
  ]);
  const heap = /^--max-old-space-size=(\d+)$/.exec(environment.NODE_OPTIONS ?? '');
  return { name, pipeline, settings: Object.fromEntries(settings), heapMiB: Number(heap?.[1]) };
}

/** What the roles must have in common, and what each must have to do its work here. */
function roleProblems(roles: readonly Role[]): string[] {
  const problems: string[] = [];
  const shared = ({ pipeline }: Role) => {
    const { dataDir: _own, ...common } = pipeline;
    return JSON.stringify(common);
  };
  // The collector knows of no event log.
  const [first, ...others] = roles.filter(({ name }) => name !== 'collector');
  for (const other of others) {
    if (shared(other) !== shared(first!)) problems.push(`${other.name} disagrees with ${first!.name}`);
  }
  if (first!.pipeline.eventLog !== 'kafka') problems.push('the event log is a file');
  if (first!.pipeline.profiles !== 'redis') problems.push('the profiles are a file');
  const collector = roles.find(({ name }) => name === 'collector')!.settings.collector!;
  const shipper = roles.find(({ name }) => name === 'shipper')!.settings.shipper!;
  if (collector.host !== '0.0.0.0') problems.push('the collector listens within its container only');
  if (collector.accessLog !== shipper.logFile) problems.push('the shipper follows another log');
  if (collector.maxBodySize !== shipper.maxBodyBytes) problems.push('the shipper expects other bodies');
  for (const name of Object.keys(SECTIONS)) {
    const count = roles.filter((role) => role.name === name).length;
    if (count !== 1) problems.push(`${name} is there ${count} times`);
  }
  return problems;
}

/** Bytes that the access log takes at most. */
function accessLogBytes(roles: readonly Role[]): number {
  const { rotateSize, rotateKeep } = roles.find(({ name }) => name === 'collector')!.settings.collector!;
  return Number(rotateKeep) === 0 ? Number.POSITIVE_INFINITY : Number(rotateSize) * (Number(rotateKeep) + 1);
}

function heapProblem({ name, heapMiB }: Role, limitMiB: number): string[] {
  return heapMiB + BESIDE_HEAP_MIB <= limitMiB
    ? []
    : [`${name}: a heap of ${heapMiB} MiB in ${limitMiB} MiB`];
}

/** Hosts of other services that a role connects to. */
function hostsOf({ pipeline, settings }: Role): string[] {
  const urls = [
    settings.redis?.redisUrl,
    settings.clickhouseSink?.clickhouseUrl,
    settings.elasticsearchSink?.elasticsearchUrl,
  ];
  const brokers = pipeline.kafkaBrokers.map((broker) => broker.split(':')[0]!);
  return [...brokers, ...urls.flatMap((url) => (url === undefined ? [] : [new URL(String(url)).hostname]))];
}

/** The message of what was thrown, or what was returned. */
function faults(check: () => string[]): string[] {
  try {
    return check();
  } catch (error) {
    if (error instanceof z.ZodError) return [z.prettifyError(error)];
    return [(error as Error).message];
  }
}

const COMPOSE = readFileSync(join(here, 'compose.yaml'), 'utf8');

const compose = (text: string): Compose => readCompose(parse(interpolate(text), { merge: true }));

const composeRoles = ({ services }: Compose): Map<string, Role> =>
  new Map(
    Object.entries(services).flatMap(([name, { build, command, environment }]) =>
      build ? [[name, roleOf(command ?? [], environment ?? {})] as const] : [],
    ),
  );

const mebibytes = (limit: string): number => Number.parseInt(limit, 10) * (/G/.test(limit) ? 1024 : 1);

function composeFaults(text: string): string[] {
  return faults(() => {
    const file = compose(text);
    const { services } = file;
    const roles = composeRoles(file);
    const problems = [...composeProblems(file), ...roleProblems([...roles.values()])];
    const official = new Set(IMAGE_IDS.map((id) => imageName(id, {})));
    for (const [name, service] of Object.entries(services)) {
      const { image, deploy } = service;
      if (image !== OURS && !official.has(image)) problems.push(`${name}: ${image} is no image of ours`);
      const role = roles.get(name);
      if (!role) continue;
      problems.push(...heapProblem(role, mebibytes(deploy.resources.limits.memory)));
      if ((deploy.replicas ?? 1) > role.pipeline.partitions) problems.push(`${name}: more than partitions`);
      if (role.name === 'collector') continue;
      for (const host of hostsOf(role)) {
        if (!services[host]) problems.push(`${name}: there is no service ${host}`);
        else if (!service.depends_on?.[host]) problems.push(`${name} does not wait for ${host}`);
      }
    }
    return problems;
  });
}

describe('compose.yaml', () => {
  it('is valid, refers to what exists, and every role takes its settings', () => {
    expect(composeFaults(COMPOSE)).toEqual([]);
  });

  it('scales the workers, not the one shipper of the one log', () => {
    const { services } = compose(COMPOSE);
    const scaled = Object.keys(services).filter((name) => services[name]!.deploy.replicas !== undefined);
    const stages = ['parser', 'flattener', 'persister', 'clickhouse-sink', 'elasticsearch-sink'];
    expect(scaled).toEqual(stages);
    for (const name of stages) expect(services[name]!.ports).toBeUndefined();
  });

  it('waits with the health of every server and of the collector', () => {
    const { services } = compose(COMPOSE);
    const checked = Object.keys(services).filter((name) => services[name]!.healthcheck);
    expect(checked).toEqual(['kafka', 'redis', 'elasticsearch', 'clickhouse', 'collector']);
  });

  it('takes the same variables for images as everything else', () => {
    for (const id of ['kafka', 'redis', 'elasticsearch', 'clickhouse'] as const) {
      const other = readCompose(
        parse(interpolate(COMPOSE, { [imageVariable(id)]: 'registry.example/other:1' }), { merge: true }),
      );
      expect(other.services[id]!.image).toBe('registry.example/other:1');
    }
  });

  it('lets Kafka take the largest record, and bounds the access log', () => {
    const file = compose(COMPOSE);
    const roles = [...composeRoles(file).values()];
    const { topics, partitions, bodyBytes } = roles[0]!.pipeline;
    const limits = { ...DEFAULT_SIZE_LIMITS, bodyBytes };
    const sizes = pipelineTopics(topics, { partitions, limits }).map((topic) => topic.maxRecordBytes);
    const kafka = file.services.kafka!.environment!;
    expect(Number(kafka.KAFKA_MESSAGE_MAX_BYTES)).toBeGreaterThanOrEqual(Math.max(...sizes));
    expect(accessLogBytes(roles)).toBeLessThan(8 * 2 ** 30);
  });

  it.each([
    [
      'a misspelt setting',
      'COLLECTOR_FSYNC',
      'COLLECTOR_FSYNCH',
      /CLICKPROOF_COLLECTOR_FSYNCH is no setting/,
    ],
    ['a value that is none', 'EVENT_LOG: kafka', 'EVENT_LOG: kafkaa', /CLICKPROOF_PIPELINE_EVENT_LOG/],
    ['a misspelt flag', '--redis-url', '--redis-uri', /unknown option '--redis-uri'/],
    [
      'a flag of another role',
      '[shipper, --id',
      '[shipper, --fsync, batch, --id',
      /unknown option '--fsync'/,
    ],
    ['a stage that is none', '[worker, parser]', '[worker, parsre]', /no stage "parsre"/],
    ['a role that is none', '[worker, flattener]', '[wroker, flattener]', /unknown command 'wroker'/],
    ['a shipper without an id', '[shipper, --id, compose]', '[shipper]', /--id is needed/],
    ['an address of nobody', 'redis://redis:', 'redis://rediss:', /no service rediss/],
    ['another version of a server', 'kafka:4.1.0}', 'kafka:4.1}', /apache\/kafka:4.1 is no image/],
    ['another version of ours', OURS, 'clickproof:0.0.9', /clickproof:0.0.9 is no image/],
    ['a field that is none', 'healthcheck:', 'healtcheck:', /healtcheck/],
    [
      'a volume that is none',
      'access:/var/lib/clickproof:ro',
      'acces:/var/lib/clickproof:ro',
      /no volume acces/,
    ],
    ['another log', '--id, compose', '--log-file, /other.log, --id, compose', /follows another log/],
    ['too many workers', 'replicas: 2', 'replicas: 13', /more than partitions/],
    ['a heap that does not fit', '-size=384', '-size=500', /a heap of 500 MiB/],
    ['a role on its own', '[worker, flattener]', '[worker, flattener, --partitions, "8"]', /disagrees/],
  ])('would not pass with %s', (_, right, wrong, message) => {
    expect(COMPOSE).toContain(right);
    expect(composeFaults(COMPOSE.replace(right, wrong)).join('\n')).toMatch(message);
  });

  const composeTool = hasComposeTool();
  it.skipIf(!composeTool)(
    `is taken by docker compose${composeTool ? '' : ' (left out: docker has no compose command here)'}`,
    () => {
      const arguments_ = ['compose', '-f', join(here, 'compose.yaml'), 'config', '--format', 'json'];
      const config = JSON.parse(execFileSync('docker', arguments_, { encoding: 'utf8' }));
      expect(Object.keys(config.services).sort()).toEqual(Object.keys(compose(COMPOSE).services).sort());
    },
  );
});

function hasComposeTool(): boolean {
  try {
    execFileSync('docker', ['compose', 'version'], { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

const KUBERNETES = readdirSync(join(here, 'kubernetes'))
  .sort()
  .map((name) => readFileSync(join(here, 'kubernetes', name), 'utf8'))
  .join('---\n');

function manifestsOf(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors[0]) throw document.errors[0];
    return readManifest(document.toJS());
  });
}

const rolesIn = (manifests: readonly Manifest[]) =>
  workloads(manifests).flatMap((workload) =>
    containersOf(workload).map((container) => ({
      workload,
      container,
      role: roleOf(container.args, environmentOf(container, manifests)),
    })),
  );

function kubernetesFaults(text: string): string[] {
  return faults(() => {
    const manifests = manifestsOf(text);
    const roles = rolesIn(manifests);
    const problems = [...referenceProblems(manifests), ...roleProblems(roles.map(({ role }) => role))];
    for (const { container, role } of roles) {
      if (container.image !== OURS) problems.push(`${role.name}: ${container.image} is not our image`);
      problems.push(...heapProblem(role, mebibytes(container.resources.limits.memory)));
    }
    for (const scaled of ofKind(manifests, 'ScaledObject')) {
      const { scaleTargetRef, minReplicaCount, maxReplicaCount, triggers } = scaled.spec;
      const at = roles.find(({ workload }) => workload.metadata.name === scaleTargetRef.name);
      if (!at) continue;
      const { pipeline, name } = at.role;
      if (maxReplicaCount > pipeline.partitions) problems.push(`${name}: more than partitions`);
      if (minReplicaCount > maxReplicaCount) problems.push(`${name}: at least more than at most`);
      const inputs = triggers.map(({ metadata }) => `${metadata.consumerGroup} on ${metadata.topic}`);
      const wanted = inputsOf(name, pipeline);
      if (inputs.join() !== wanted.join())
        problems.push(`${name} is scaled by ${inputs}, but reads ${wanted}`);
      const environment = environmentOf(at.container, manifests);
      for (const { metadata } of triggers) {
        const variable = metadata.bootstrapServersFromEnv;
        if (environment[variable] !== pipeline.kafkaBrokers.join()) {
          problems.push(`${name}: ${variable} does not hold the brokers`);
        }
      }
    }
    return problems;
  });
}

/** What a stage reads, and in which group: its lag is what it has to do. */
function inputsOf(stage: string, { groups, topics }: PipelineSettings): string[] {
  const inputs: Readonly<Record<string, readonly string[]>> = {
    parser: [`${groups.parser} on ${topics.raw}`],
    flattener: [`${groups.flattener} on ${topics.processed}`],
    persister: [`${groups.persister} on ${topics.flattened}`],
    'clickhouse-sink': [
      `${groups.clickhouse} on ${topics.persisted}`,
      `${groups.clickhouseFailed} on ${topics.failed}`,
    ],
    'elasticsearch-sink': [`${groups.elasticsearch} on ${topics.persisted}`],
  };
  return [...inputs[stage]!];
}

describe('kubernetes/', () => {
  it('is valid, refers to what exists, and every role takes its settings', () => {
    expect(kubernetesFaults(KUBERNETES)).toEqual([]);
  });

  it('scales every stage by its lag and keeps all but one of its workers', () => {
    const manifests = manifestsOf(KUBERNETES);
    const deployed = ofKind(manifests, 'Deployment').map(({ metadata }) => metadata.name);
    expect(deployed.sort()).toEqual(
      Object.keys(SECTIONS)
        .filter((name) => name !== 'collector' && name !== 'shipper')
        .sort(),
    );
    const scaled = ofKind(manifests, 'ScaledObject').map(({ spec }) => spec.scaleTargetRef.name);
    expect(scaled.sort()).toEqual(deployed);
    const budgets = ofKind(manifests, 'PodDisruptionBudget').map(({ metadata }) => metadata.name);
    expect(budgets.sort()).toEqual([...deployed, 'collector'].sort());
  });

  it('has each collector beside the shipper of its log, on a volume with room for it', () => {
    const manifests = manifestsOf(KUBERNETES);
    const [set] = ofKind(manifests, 'StatefulSet');
    const roles = rolesIn(manifests).filter(({ workload }) => workload === set);
    expect(roles.map(({ role }) => role.name)).toEqual(['shipper', 'collector']);
    const [claim] = set!.spec.volumeClaimTemplates;
    for (const { container, role } of roles) {
      const mount = container.volumeMounts.find(({ name }) => name === claim!.metadata.name);
      expect(mount?.mountPath).toBe(role.pipeline.dataDir);
    }
    const { storage } = claim!.spec.resources.requests;
    expect(accessLogBytes(roles.map(({ role }) => role))).toBeLessThan(mebibytes(storage) * 2 ** 20);
    // Two shippers of one name would end each other.
    expect(roles[0]!.role.settings.shipper!.id).toBe('pod-0');
  });

  it.each([
    ['a misspelt setting', 'PIPELINE_PARTITIONS', 'PIPELINE_PARTITION', /PIPELINE_PARTITION is no setting/],
    ['a misspelt secret setting', 'CLICKHOUSE_PASSWORD', 'CLICKHOUSE_PASS', /CLICKHOUSE_PASS is no setting/],
    [
      'a misspelt setting of a container',
      'COLLECTOR_ROTATE_KEEP',
      'COLLECTOR_ROTATION',
      /ROTATION is no setting/,
    ],
    ['a value that is none', 'value: batch', 'value: bach', /CLICKPROOF_COLLECTOR_FSYNC/],
    ['a misspelt flag', '--host', '--hosts', /unknown option '--hosts'/],
    ['a stage that is none', '[worker, persister]', '[worker, presister]', /no stage "presister"/],
    [
      'labels that differ',
      'component: parser }\n    spec',
      'component: parse }\n    spec',
      /Deployment parser does not/,
    ],
    [
      'a budget of nobody',
      'component: flattener }\n---\napiVersion: keda',
      'component: x }\n---\napiVersion: keda',
      /selects 0/,
    ],
    [
      'no such ConfigMap',
      'configMapRef: { name: clickproof }',
      'configMapRef: { name: other }',
      /no ConfigMap other/,
    ],
    ['no such Secret', 'secretRef: { name: clickproof }', 'secretRef: { name: other }', /no Secret other/],
    ['no such Service', 'serviceName: collectors', 'serviceName: other', /no Service other/],
    ['no such volume', '{ name: access, mountPath', '{ name: acces, mountPath', /no volume acces/],
    ['no such port', 'targetPort: http', 'targetPort: https', /no port https/],
    ['a probe of no port', 'path: /health, port: http', 'path: /health, port: web', /asks at no port web/],
    ['another topic', 'topic: tracking_raw', 'topic: tracking_row', /scaled by parser on tracking_row/],
    [
      'another group',
      'consumerGroup: clickhouse_failed',
      'consumerGroup: clickhouse',
      /scaled by clickhouse on/,
    ],
    ['more workers than partitions', 'maxReplicaCount: 12', 'maxReplicaCount: 13', /more than partitions/],
    [
      'brokers elsewhere',
      'FromEnv: CLICKPROOF_PIPELINE_KAFKA_BROKERS',
      'FromEnv: KAFKA',
      /does not hold the brokers/,
    ],
    ['a field that is none', 'livenessProbe', 'livenessprobe', /livenessprobe/],
    [
      'an API that is none',
      'apiVersion: apps/v1\nkind: Dep',
      'apiVersion: apps/v1beta1\nkind: Dep',
      /apiVersion/,
    ],
    ['a kind that is none', 'kind: ScaledObject', 'kind: ScaledObjekt', /kind/],
    ['another image', `image: ${OURS}`, 'image: clickproof:latest', /clickproof:latest is not our image/],
    ['variables of Services', 'enableServiceLinks: false', 'enableServiceLinks: true', /enableServiceLinks/],
  ])('would not pass with %s', (_, right, wrong, message) => {
    expect(KUBERNETES).toContain(right);
    expect(kubernetesFaults(KUBERNETES.replace(right, wrong)).join('\n')).toMatch(message);
  });
});

describe('Dockerfile', () => {
  const text = readFileSync(join(here, 'Dockerfile'), 'utf8');
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

  it('runs the version on the Node of the project, not as root', () => {
    expect(manifest.version).toBe(VERSION);
    expect(/^ARG NODE=node:(.*)-slim$/m.exec(text)?.[1]).toBe(manifest.dependencies.node);
    expect(text).toContain(
      `ENTRYPOINT ${JSON.stringify(['node', manifest.bin.clickproof]).replace(',', ', ')}`,
    );
    expect([...text.matchAll(/^USER (.*)$/gm)].map(([, user]) => user)).toEqual(['1000:1000']);
  });

  it('copies what exists and is not kept out of the build, and all that is compiled', () => {
    const allowed = readFileSync(join(here, 'Dockerfile.dockerignore'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    for (const path of allowed) expect([path, existsSync(join(root, path))]).toEqual([path, true]);
    const copied = [...text.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, files]) =>
      files!.split(' '),
    );
    for (const path of copied.filter((one) => one !== '.')) expect(allowed).toContain(path);
    const compiled: string[] = JSON.parse(readFileSync(join(root, 'tsconfig.build.json'), 'utf8')).include;
    for (const folder of compiled) expect(allowed).toContain(folder);
  });
});
