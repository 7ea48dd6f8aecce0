import { z } from 'zod';

/*
 * As much of the Kubernetes API as our manifests use, in closed objects: a field of another name is a typing error, which the API server
 * would refuse, or, worse, with validation off, drop.
 */
const text = z.string().min(1);
const quantity = z.string().regex(/^\d+(m|Mi|Gi)?$/);
const labels = z.record(text, text);
const metadata = z.strictObject({
  name: z.string().regex(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/),
  namespace: text.optional(),
  labels: labels.optional(),
});
const selector = z.strictObject({ matchLabels: labels });
const named = z.strictObject({ name: text });

const probe = z
  .strictObject({
    httpGet: z.strictObject({ path: text, port: text }).optional(),
    tcpSocket: z.strictObject({ port: text }).optional(),
    periodSeconds: z.int(),
    timeoutSeconds: z.int().optional(),
    failureThreshold: z.int(),
  })
  .refine(
    ({ httpGet, tcpSocket }) => (httpGet === undefined) !== (tcpSocket === undefined),
    'asks one thing',
  );

const container = z.strictObject({
  name: text,
  image: text,
  args: z.array(text),
  restartPolicy: z.literal('Always').optional(),
  envFrom: z
    .array(z.union([z.strictObject({ configMapRef: named }), z.strictObject({ secretRef: named })]))
    .optional(),
  env: z.array(
    z.union([
      z.strictObject({ name: text, value: text }),
      z.strictObject({
        name: text,
        valueFrom: z.strictObject({ fieldRef: z.strictObject({ fieldPath: z.literal('metadata.name') }) }),
      }),
    ]),
  ),
  ports: z.array(z.strictObject({ name: text, containerPort: z.int() })).optional(),
  startupProbe: probe.optional(),
  readinessProbe: probe.optional(),
  livenessProbe: probe.optional(),
  lifecycle: z
    .strictObject({ preStop: z.strictObject({ sleep: z.strictObject({ seconds: z.int() }) }) })
    .optional(),
  resources: z.strictObject({
    requests: z.strictObject({ cpu: quantity, memory: quantity }),
    limits: z.strictObject({ memory: quantity }),
  }),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  volumeMounts: z.array(z.strictObject({ name: text, mountPath: text, readOnly: z.boolean().optional() })),
});

export type Container = z.infer<typeof container>;

const template = z.strictObject({
  metadata: z.strictObject({ labels }),
  spec: z.strictObject({
    automountServiceAccountToken: z.literal(false),
    // Else a Service's name becomes variables of every pod, CLICKPROOF_… perhaps.
    enableServiceLinks: z.literal(false),
    terminationGracePeriodSeconds: z.int().min(30),
    securityContext: z.strictObject({
      runAsNonRoot: z.literal(true),
      runAsUser: z.int().min(1),
      runAsGroup: z.int().min(1),
      fsGroup: z.int().optional(),
      fsGroupChangePolicy: z.literal('OnRootMismatch').optional(),
      seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
    }),
    topologySpreadConstraints: z
      .array(
        z.strictObject({
          maxSkew: z.int(),
          topologyKey: text,
          whenUnsatisfiable: z.enum(['ScheduleAnyway', 'DoNotSchedule']),
          labelSelector: selector,
        }),
      )
      .optional(),
    initContainers: z.array(container).optional(),
    containers: z.array(container).min(1),
    volumes: z.array(z.strictObject({ name: text, emptyDir: z.strictObject({ sizeLimit: quantity }) })),
  }),
});

const scaling = z.strictObject({
  stabilizationWindowSeconds: z.int(),
  policies: z.array(z.strictObject({ type: z.literal('Pods'), value: z.int(), periodSeconds: z.int() })),
});

/** The closed list of what is deployed. */
const manifest = z.discriminatedUnion('kind', [
  z.strictObject({ apiVersion: z.literal('v1'), kind: z.literal('Namespace'), metadata }),
  z.strictObject({
    apiVersion: z.literal('v1'),
    kind: z.literal('ConfigMap'),
    metadata,
    data: z.record(text, z.string()),
  }),
  z.strictObject({
    apiVersion: z.literal('v1'),
    kind: z.literal('Secret'),
    metadata,
    type: z.literal('Opaque'),
    stringData: z.record(text, z.string()),
  }),
  z.strictObject({
    apiVersion: z.literal('v1'),
    kind: z.literal('Service'),
    metadata,
    spec: z.strictObject({
      clusterIP: z.literal('None').optional(),
      selector: labels,
      ports: z.array(z.strictObject({ name: text, port: z.int(), targetPort: text })),
    }),
  }),
  z.strictObject({
    apiVersion: z.literal('apps/v1'),
    kind: z.literal('Deployment'),
    metadata,
    spec: z.strictObject({
      selector,
      strategy: z.strictObject({
        type: z.literal('RollingUpdate'),
        rollingUpdate: z.strictObject({ maxSurge: z.int(), maxUnavailable: z.int() }),
      }),
      minReadySeconds: z.int(),
      template,
    }),
  }),
  z.strictObject({
    apiVersion: z.literal('apps/v1'),
    kind: z.literal('StatefulSet'),
    metadata,
    spec: z.strictObject({
      serviceName: text,
      replicas: z.int(),
      podManagementPolicy: z.enum(['Parallel', 'OrderedReady']),
      selector,
      persistentVolumeClaimRetentionPolicy: z.strictObject({
        whenDeleted: z.literal('Retain'),
        whenScaled: z.literal('Retain'),
      }),
      template,
      volumeClaimTemplates: z.array(
        z.strictObject({
          metadata: z.strictObject({ name: text }),
          spec: z.strictObject({
            accessModes: z.tuple([z.literal('ReadWriteOnce')]),
            resources: z.strictObject({ requests: z.strictObject({ storage: quantity }) }),
          }),
        }),
      ),
    }),
  }),
  z.strictObject({
    apiVersion: z.literal('policy/v1'),
    kind: z.literal('PodDisruptionBudget'),
    metadata,
    spec: z.strictObject({ maxUnavailable: z.int().min(1), selector }),
  }),
  z.strictObject({
    apiVersion: z.literal('keda.sh/v1alpha1'),
    kind: z.literal('ScaledObject'),
    metadata,
    spec: z.strictObject({
      scaleTargetRef: z.strictObject({ name: text, envSourceContainerName: text }),
      minReplicaCount: z.int().min(1),
      maxReplicaCount: z.int(),
      pollingInterval: z.int(),
      advanced: z.strictObject({
        horizontalPodAutoscalerConfig: z.strictObject({
          behavior: z.strictObject({ scaleUp: scaling, scaleDown: scaling }),
        }),
      }),
      triggers: z
        .array(
          z.strictObject({
            type: z.literal('kafka'),
            metadata: z.strictObject({
              bootstrapServersFromEnv: text,
              consumerGroup: text,
              topic: text,
              lagThreshold: z.string().regex(/^\d+$/),
              offsetResetPolicy: z.literal('earliest'),
              version: text,
            }),
          }),
        )
        .min(1),
    }),
  }),
]);

export type Manifest = z.infer<typeof manifest>;
export type Kind = Manifest['kind'];

/** @throws ZodError what is no manifest, as far as ours go */
export const readManifest = (parsed: unknown): Manifest => manifest.parse(parsed);

/** Those of one kind. */
export function ofKind<K extends Kind>(
  manifests: readonly Manifest[],
  kind: K,
): Extract<Manifest, { kind: K }>[] {
  return manifests.filter((one): one is Extract<Manifest, { kind: K }> => one.kind === kind);
}

export type Workload = Extract<Manifest, { kind: 'Deployment' | 'StatefulSet' }>;

export const workloads = (manifests: readonly Manifest[]): Workload[] => [
  ...ofKind(manifests, 'Deployment'),
  ...ofKind(manifests, 'StatefulSet'),
];

export const containersOf = ({ spec }: Workload): Container[] => [
  ...(spec.template.spec.initContainers ?? []),
  ...spec.template.spec.containers,
];
