/**
 * Measures several things in turns (A B A B …), so that a machine that becomes slower or faster in the course of it favours none.
 * Every second round runs backwards (A B B A …), so that none always comes first. The first round warms up and does not count.
 *
 * @returns the measurements by name, as many each as there are rounds
 */
export async function interleave<Name extends string, Measured>(
  subjects: Readonly<Record<Name, () => Promise<Measured>>>,
  rounds: number,
  warmUp = true,
): Promise<Record<Name, Measured[]>> {
  const names = Object.keys(subjects) as Name[];
  const measured = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Measured[]>;
  for (let round = warmUp ? -1 : 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const one = await subjects[name]();
      if (round >= 0) measured[name].push(one);
    }
  }
  return measured;
}
