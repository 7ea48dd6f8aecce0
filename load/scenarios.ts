/** The scenarios there are: each a script in `scripts/`. */
export const SCENARIOS = ['smoke'] as const;

export type Scenario = (typeof SCENARIOS)[number];
