import { z } from 'zod';

const limits = z.strictObject({ memory: z.string().regex(/^\d+[MG]$/) });

/** As much of a compose file as ours uses; another name is a typing error. */
const service = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
  hostname: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  ports: z
    .array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/, 'leads in from outside of this machine'))
    .optional(),
  healthcheck: z
    .strictObject({
      test: z.tuple([z.literal('CMD')], z.string()),
      interval: z.string(),
      timeout: z.string(),
      retries: z.number(),
      start_period: z.string().optional(),
    })
    .optional(),
  depends_on: z
    .record(z.string(), z.strictObject({ condition: z.enum(['service_started', 'service_healthy']) }))
    .optional(),
  restart: z.enum(['unless-stopped', 'always']),
  stop_grace_period: z.string().optional(),
  init: z.boolean().optional(),
  read_only: z.boolean().optional(),
  tmpfs: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  ulimits: z.strictObject({ nofile: z.number() }).optional(),
  logging: z.strictObject({
    driver: z.string(),
    options: z.strictObject({ 'max-size': z.string(), 'max-file': z.string() }),
  }),
  deploy: z.strictObject({
    replicas: z.number().int().min(1).optional(),
    resources: z.strictObject({ limits }),
  }),
});

export type ComposeService = z.infer<typeof service>;

const schema = z
  .object({
    name: z.string(),
    services: z.record(z.string(), service),
    volumes: z.record(z.string(), z.null()),
  })
  .catchall(z.never());

export type Compose = z.infer<typeof schema>;

/** The variables of Compose's own interpolation that our file uses: `${NAME:-default}`. */
export function interpolate(text: string, environment: Readonly<Record<string, string>> = {}): string {
  return text.replace(/\$\{(\w+):-([^}]*)\}/g, (_, name, fallback) => environment[name] || fallback);
}

/** @throws ZodError what is no compose file, as far as ours goes */
export function readCompose(parsed: unknown): Compose {
  const entries = Object.entries(parsed as object).filter(([key]) => !key.startsWith('x-'));
  return schema.parse(Object.fromEntries(entries));
}

/** What is referred to and does not exist, and whose health is waited for and never told. */
export function composeProblems({ services, volumes }: Compose): string[] {
  const problems: string[] = [];
  const mounted = new Set<string>();
  for (const [name, one] of Object.entries(services)) {
    for (const mount of one.volumes ?? []) {
      const volume = mount.split(':')[0]!;
      mounted.add(volume);
      if (!(volume in volumes)) problems.push(`${name}: there is no volume ${volume}`);
    }
    for (const [other, { condition }] of Object.entries(one.depends_on ?? {})) {
      if (!services[other]) problems.push(`${name}: there is no service ${other}`);
      else if (condition === 'service_healthy' && !services[other].healthcheck) {
        problems.push(`${name}: ${other} has no health check`);
      }
    }
  }
  for (const volume of Object.keys(volumes))
    if (!mounted.has(volume)) problems.push(`${volume} is mounted nowhere`);
  return problems;
}
