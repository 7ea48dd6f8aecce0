import type { z } from 'zod';
import { abort } from './abort.ts';
import { block } from './block.ts';
import { clickhouse } from './clickhouse.ts';
import { clock } from './clock.ts';
import { failPoint } from './fail-point.ts';
import { fullDisk } from './full-disk.ts';
import { kill } from './kill.ts';
import type { FaultKind } from './kind.ts';
import { network } from './network.ts';
import { poison } from './poison.ts';
import { profileLoss } from './profile-loss.ts';
import { restart } from './restart.ts';
import { rotate } from './rotate.ts';
import { stop } from './stop.ts';
import { storm } from './storm.ts';
import { truncate } from './truncate.ts';
import { unheard } from './unheard.ts';
import { zombie } from './zombie.ts';

/** The kinds of faults by the field that names them. Another one is a file here and a line in this list. */
export const FAULT_KINDS = {
  kill,
  stop,
  restart,
  dieAt: failPoint,
  zombie,
  profiles: profileLoss,
  network,
  poison,
  rotate,
  truncate,
  fullDisk,
  storm,
  clock,
  abort,
  block,
  clickhouse,
  unheard,
} as const;

type Kinds = typeof FAULT_KINDS;

/** What a scenario says of a fault, of any kind, without when it happens. */
export type FaultFields = {
  [Name in keyof Kinds]: Kinds[Name] extends FaultKind<infer Schema> ? z.input<Schema> : never;
}[keyof Kinds];

export type { Cell, FaultEvidence, FaultWorld } from './kind.ts';
