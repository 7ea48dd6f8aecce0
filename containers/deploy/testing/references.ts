import { containersOf, type Manifest, ofKind, type Workload, workloads } from './kubernetes.ts';

type Labels = Readonly<Record<string, string>>;

const fits = (selector: Labels, labels: Labels): boolean =>
  Object.entries(selector).every(([name, value]) => labels[name] === value);

/** What a manifest refers to and no manifest has: labels, volumes, ConfigMaps, Secrets, Services, ports, workloads, namespaces. */
export function referenceProblems(manifests: readonly Manifest[]): string[] {
  const all = workloads(manifests);
  const problems: string[] = [];
  const templates = all.map(({ spec }) => spec.template.metadata.labels);
  const namespaces = ofKind(manifests, 'Namespace').map(({ metadata }) => metadata.name);
  const seen = new Set<string>();
  for (const { kind, metadata } of manifests) {
    const id = `${kind} ${metadata.name}`;
    if (seen.has(id)) problems.push(`${id} is there twice`);
    seen.add(id);
    if (kind !== 'Namespace' && !namespaces.includes(metadata.namespace ?? 'default')) {
      problems.push(`${id}: there is no namespace ${metadata.namespace}`);
    }
  }
  for (const workload of all) problems.push(...workloadProblems(workload, manifests));
  for (const { metadata, spec } of ofKind(manifests, 'Service')) {
    const behind = all.filter(({ spec: { template } }) => fits(spec.selector, template.metadata.labels));
    if (behind.length !== 1) problems.push(`Service ${metadata.name} selects ${behind.length} workloads`);
    const ports = behind.flatMap(containersOf).flatMap((one) => one.ports ?? []);
    for (const { targetPort } of spec.ports) {
      if (!ports.some(({ name }) => name === targetPort))
        problems.push(`Service ${metadata.name}: no port ${targetPort}`);
    }
  }
  for (const { metadata, spec } of ofKind(manifests, 'PodDisruptionBudget')) {
    const count = templates.filter((labels) => fits(spec.selector.matchLabels, labels)).length;
    if (count !== 1) problems.push(`PodDisruptionBudget ${metadata.name} selects ${count} workloads`);
  }
  for (const { metadata, spec } of ofKind(manifests, 'ScaledObject')) {
    const { name, envSourceContainerName } = spec.scaleTargetRef;
    const target = ofKind(manifests, 'Deployment').find((one) => one.metadata.name === name);
    if (!target) problems.push(`ScaledObject ${metadata.name}: there is no Deployment ${name}`);
    else if (!containersOf(target).some((one) => one.name === envSourceContainerName)) {
      problems.push(`ScaledObject ${metadata.name}: ${name} has no container ${envSourceContainerName}`);
    }
  }
  return problems;
}

function workloadProblems(workload: Workload, manifests: readonly Manifest[]): string[] {
  const { kind, metadata, spec } = workload;
  const { template } = spec;
  const id = `${kind} ${metadata.name}`;
  const problems: string[] = [];
  const selectors = [
    spec.selector.matchLabels,
    ...(template.spec.topologySpreadConstraints ?? []).map(({ labelSelector }) => labelSelector.matchLabels),
  ];
  if (!selectors.every((labels) => fits(labels, template.metadata.labels))) {
    problems.push(`${id} does not select its own pods`);
  }
  const others = workloads(manifests).filter((other) => other !== workload);
  if (others.some((other) => fits(spec.selector.matchLabels, other.spec.template.metadata.labels))) {
    problems.push(`${id} selects another's pods`);
  }
  const claims = workload.kind === 'StatefulSet' ? workload.spec.volumeClaimTemplates : [];
  const volumes = [
    ...template.spec.volumes.map(({ name }) => name),
    ...claims.map(({ metadata }) => metadata.name),
  ];
  const mounted = containersOf(workload).flatMap(({ volumeMounts }) => volumeMounts.map(({ name }) => name));
  for (const name of new Set([...volumes, ...mounted])) {
    if (!volumes.includes(name)) problems.push(`${id}: there is no volume ${name}`);
    if (!mounted.includes(name)) problems.push(`${id}: the volume ${name} is mounted nowhere`);
  }
  if (
    workload.kind === 'StatefulSet' &&
    !ofKind(manifests, 'Service').some((one) => one.metadata.name === workload.spec.serviceName)
  ) {
    problems.push(`${id}: there is no Service ${workload.spec.serviceName}`);
  }
  for (const container of containersOf(workload)) {
    for (const source of container.envFrom ?? []) {
      const [wanted, name] =
        'configMapRef' in source
          ? (['ConfigMap', source.configMapRef.name] as const)
          : (['Secret', source.secretRef.name] as const);
      if (!ofKind(manifests, wanted).some((one) => one.metadata.name === name)) {
        problems.push(`${id}: there is no ${wanted} ${name}`);
      }
    }
    const ports = (container.ports ?? []).map(({ name }) => name);
    for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
      const port = probe?.httpGet?.port ?? probe?.tcpSocket?.port;
      if (port !== undefined && !ports.includes(port))
        problems.push(`${id}: a probe asks at no port ${port}`);
    }
  }
  return problems;
}

/** The variables that a container is started with; what a pod is called is made up. */
export function environmentOf(
  container: ReturnType<typeof containersOf>[number],
  manifests: readonly Manifest[],
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const source of container.envFrom ?? []) {
    const data =
      'configMapRef' in source
        ? ofKind(manifests, 'ConfigMap').find(({ metadata }) => metadata.name === source.configMapRef.name)
            ?.data
        : ofKind(manifests, 'Secret').find(({ metadata }) => metadata.name === source.secretRef.name)
            ?.stringData;
    Object.assign(environment, data);
  }
  for (const one of container.env) environment[one.name] = 'value' in one ? one.value : 'pod-0';
  return environment;
}
