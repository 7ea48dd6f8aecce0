import type { FindingResult, HopResult } from '../../reports/result.ts';
import type { ProfileCounts, WrongProfile } from './profile-check.ts';

/** The profile store, as a hop: its unit is the visitor. */
export const PROFILES_HOP = 'profiles';

/** What is in the profile store: delivered are the profiles that are there, corrupted those of them that are not the fold of the events. */
export function profileHop({ visitors, foreign, stored, unreadable }: ProfileCounts): HopResult {
  const { correct, wrong, missing } = stored ?? { correct: 0, wrong: 0, missing: 0 };
  return {
    hop: PROFILES_HOP,
    unit: 'visitors',
    expected: visitors,
    delivered: correct + wrong,
    indeterminate: 0,
    lost: missing,
    duplicated: 0,
    corrupted: wrong,
    spurious: 0,
    misrouted: 0,
    outOfOrder: 0,
    foreign,
    records: correct + wrong,
    read: stored !== undefined,
    ...(unreadable !== undefined && { unreadable }),
  };
}

/** @param topic the one that shows profiles on its events */
export function wrongProfiles({ samples, stored }: ProfileCounts, topic: string): FindingResult[] {
  return [
    ...samples.map((sample) => finding(sample, topic)),
    ...(stored?.samples ?? []).map((sample) => finding(sample, PROFILES_HOP)),
  ];
}

function finding({ visitor, where, value }: WrongProfile, hop: string): FindingResult {
  const found = { hop, key: visitor, where };
  if (value === undefined) return { kind: 'missing profile', ...found };
  const { name, expected, seen } = value;
  return {
    kind: 'wrong profile',
    ...found,
    fields: [{ name, expected: expected ?? null, seen: seen ?? null }],
  };
}
