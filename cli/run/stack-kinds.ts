import { UsageError } from '../usage-error.ts';

/** The stacks that can be started. */
export const STACKS = ['embedded', 'containers'] as const;
export const COLLECTORS = ['built-in', 'nginx'] as const;
export const SHIPPERS = ['built-in', 'filebeat'] as const;

/** Which stack, and who collects and ships in it. */
export interface StackChoice {
  readonly kind: (typeof STACKS)[number];
  readonly collector: (typeof COLLECTORS)[number];
  readonly shipper: (typeof SHIPPERS)[number];
}

interface StackFlags {
  readonly stack?: StackChoice['kind'];
  readonly collector?: StackChoice['collector'];
  readonly shipper?: StackChoice['shipper'];
}

/** @throws UsageError */
export function stackChoice({
  stack: kind = 'embedded',
  collector = 'built-in',
  shipper = 'built-in',
}: StackFlags): StackChoice {
  if (kind === 'embedded' && (collector !== 'built-in' || shipper !== 'built-in')) {
    const which = collector === 'built-in' ? `--shipper ${shipper}` : `--collector ${collector}`;
    throw new UsageError(`${which} runs in a container`, 'add --stack containers');
  }
  return { kind, collector, shipper };
}
