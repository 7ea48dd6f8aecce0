import { UsageError } from '../usage-error.ts';
import { type ExternalSetup, externalSetup } from './external-setup.ts';

/** The stacks that can be started. */
export const STACKS = ['embedded', 'containers', 'external'] as const;
export const COLLECTORS = ['built-in', 'nginx'] as const;
export const SHIPPERS = ['built-in', 'filebeat'] as const;

/** Which stack, and who collects and ships in it. */
export type StackChoice = {
  readonly collector: (typeof COLLECTORS)[number];
  readonly shipper: (typeof SHIPPERS)[number];
} & (
  | { readonly kind: 'embedded' | 'containers' }
  | { readonly kind: 'external'; readonly external: ExternalSetup }
);

interface StackFlags {
  readonly stack?: StackChoice['kind'];
  readonly collector?: StackChoice['collector'];
  readonly shipper?: StackChoice['shipper'];
  readonly config?: string;
  readonly iOwnThisTarget?: boolean;
}

/** @throws UsageError */
export function stackChoice({
  stack: kind = 'embedded',
  collector = 'built-in',
  shipper = 'built-in',
  config,
  iOwnThisTarget = false,
}: StackFlags): StackChoice {
  if (kind !== 'containers' && (collector !== 'built-in' || shipper !== 'built-in')) {
    const which = collector === 'built-in' ? `--shipper ${shipper}` : `--collector ${collector}`;
    throw new UsageError(`${which} runs in a container`, 'add --stack containers');
  }
  if (kind !== 'external') return { kind, collector, shipper };
  return { kind, collector, shipper, external: externalSetup(config, iOwnThisTarget) };
}
