// The arrows of the layout: simulator, load and scenarios know the pipeline's contracts, never its insides;
// the pipeline knows none of them.
export default {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'pipeline-stands-alone',
      comment: 'The pipeline must run without the harness that tests it.',
      severity: 'error',
      from: { path: '^pipeline/', pathNot: '/testing/' },
      to: { path: '^(simulator|scenarios|load|containers|reports|bench|cli)/' },
    },
    {
      name: 'contracts-are-the-root',
      comment: 'Contracts depend on nothing but themselves.',
      severity: 'error',
      from: { path: '^pipeline/contracts/' },
      to: { path: '^(pipeline/(?!contracts/)|simulator/|scenarios/|load/|containers/|reports/|cli/)' },
    },
    {
      name: 'harness-sees-contracts-only',
      comment:
        'Expectations and verdicts must not share code with what they judge. Faults and bugs are planted at the ports of a pipeline.',
      severity: 'error',
      from: {
        path: '^(simulator|load|scenarios)/',
        pathNot: '(\\.(test|scenario|suite)\\.ts$|^scenarios/(faults|planted)/)',
      },
      to: { path: '^pipeline/(?!contracts/)' },
    },
    {
      name: 'simulator-below-the-rest',
      severity: 'error',
      from: { path: '^simulator/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(scenarios|load|containers|reports|bench|cli)/' },
    },
    {
      name: 'cli-on-top',
      comment: 'But for the command with planted bugs, which is the command.',
      severity: 'error',
      from: {
        path: '^(pipeline|simulator|scenarios|load|containers|reports|bench)/',
        pathNot: '(\\.test\\.ts$|^scenarios/planted/bin\\.ts$)',
      },
      to: { path: '^cli/' },
    },
    {
      name: 'stages-are-pure',
      comment: 'A stage is a pure function; only its thin worker may touch the event log.',
      severity: 'error',
      from: { path: '^pipeline/(enrichment|flattening)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(pipeline/(log|collector|shipper|sinks)/|node:(fs|net|http))' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
  },
};
