import { stringify } from 'yaml';
import { derivedDefaults } from '../../cli/settings/derived.ts';
import { OTHER_VARIABLES } from '../../cli/settings/environment.ts';
import { pipelineSettings } from '../../cli/settings/pipeline.ts';
import { allSections } from '../../cli/settings/sections.ts';
import { type Setting, settingsOf } from '../../cli/settings/setting.ts';
import { phrase, shown } from '../../cli/settings/show.ts';

const ABOUT: Readonly<Record<string, string>> = {
  pipeline: 'What all processes of one pipeline must agree on. Every role reads it.',
  collector: '`clickproof collector`',
  shipper: '`clickproof shipper`',
  parser:
    '`clickproof worker parser`: how it reads and writes. What it makes of a line is the section `enrichment`.',
  enrichment: '`clickproof worker parser` and `clickproof enrich`',
  flattener: '`clickproof worker flattener`',
  persister: '`clickproof worker persister`',
  redis: '`clickproof worker persister`, where `pipeline.profiles` is `redis`',
  clickhouseSink: '`clickproof worker clickhouse-sink`',
  elasticsearchSink: '`clickproof worker elasticsearch-sink`',
  clickhouse: '`clickproof clickhouse`: the one process that owns the embedded engine.',
  traffic:
    '`clickproof simulate`. It sends to a pipeline with default settings: the other sections are for roles started by hand.',
};

const HEAD = `# Configuration

Every setting can be given in four places; the later wins:

1. its default,
2. the file that \`--config\` names: YAML or JSON, one section a role,
3. the environment: \`CLICKPROOF_<SECTION>_<SETTING>\`, as in \`CLICKPROOF_COLLECTOR_PORT=8080\` or
   \`CLICKPROOF_CLICKHOUSE_SINK_CLICKHOUSE_URL=http://127.0.0.1:8123\`; an empty variable counts as not set,
4. a flag of the command: \`--port 8080\`; a switch is turned off by \`--no-…\`.

All is validated when the command starts. A name that does not exist, in the file or among variables that begin with \`CLICKPROOF_\`, is
refused with the nearest one that does (exit code 2). Durations are written \`250ms\`, \`10s\`, \`5m\`, \`7d\`, sizes \`64KiB\`, \`1MB\`,
rates \`200/s\`, shares \`5%\` or \`0.05\`, lists \`a,b\` (in a file as YAML lists).

One file can serve all roles of a pipeline:

\`\`\`yaml
pipeline:
  dataDir: /var/lib/clickproof
  partitions: 4
  retention: 7d
collector:
  port: 8080
  fsync: batch
  cookieDomain: shop.example
shipper:
  id: shop
enrichment:
  anonymisedOctets: 2
  internalDomains: [shop.example, www.shop.example]
clickhouseSink:
  clickhouseUrl: http://127.0.0.1:8123
\`\`\`

Partitions, sizes and retention are written into the event log when its topics are made: a role that comes with others is refused.
`;

/** `docs/guides/configuration.md`, out of the schemas themselves. */
export function configurationReference(): string {
  const derived = derivedDefaults({ ...pipelineSettings.parse({}), dataDir: '<dataDir>' });
  const sections = Object.entries(allSections()).map(([name, schema]) => {
    const settings = settingsOf(schema);
    const rows = settings.map((setting) => {
      const value = shown(derived[name]?.[setting.key], setting.unit) || defaultOf(setting);
      return `| \`${setting.key}\` | ${value ? `\`${value}\`` : setting.required ? '*needed*' : ''} | ${cell(setting)} |`;
    });
    const structures = settings.filter(
      ({ kind, default: value }) => kind === 'structure' && value !== undefined,
    );
    return [
      `## ${name}`,
      ABOUT[name]!,
      ['| setting | default | what it is |', '|---|---|---|', ...rows].join('\n'),
      ...structures.map(
        ({ key }) => `\`${key}\` by default:\n\n${yaml({ [name]: { [key]: parsed(schema, key) } })}`,
      ),
    ].join('\n\n');
  });
  const others = Object.entries(OTHER_VARIABLES).map(([name, what]) => `| \`${name}\` | ${what} |`);
  const variables = [
    '## Variables beside the settings',
    ['| variable | what it is |', '|---|---|', ...others].join('\n'),
  ].join('\n\n');
  return `${[HEAD.trimEnd(), ...sections, variables].join('\n\n')}\n`;
}

function defaultOf(setting: Setting): string {
  return setting.kind === 'structure' ? '' : shown(setting.default, setting.unit);
}

function cell({ description, choices, kind, default: value }: Setting): string {
  const text = phrase(description).replaceAll('|', '\\|').replaceAll('*', '\\*');
  const more = choices ? `: ${choices.map((choice) => `\`${choice}\``).join(', ')}` : '';
  return `${text}${more}${kind === 'structure' && value !== undefined ? '; see below' : ''}`;
}

/** A structure with all its defaults filled in. */
function parsed(schema: ReturnType<typeof allSections>[string], key: string): unknown {
  return (schema.shape[key] as { parse(value: unknown): unknown }).parse(undefined);
}

function yaml(value: unknown): string {
  return `\`\`\`yaml\n${stringify(value, { lineWidth: 120, collectionStyle: 'any' }).trimEnd()}\n\`\`\``;
}
