/** The stacks that can be started. */
export const STACKS = ['embedded', 'containers'] as const;

export type StackKind = (typeof STACKS)[number];
