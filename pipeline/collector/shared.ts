import type { Diagnostics } from '../contracts/running.ts';
import type { BodyBudget } from './body.ts';
import type { NetworkUserCookie } from './cookie.ts';
import type { LineBuilder } from './line.ts';
import type { LogTime } from './log-time.ts';
import type { LogWriter } from './log-writer.ts';
import type { RareWarning } from './rare-warning.ts';
import type { Redirects } from './redirect.ts';
import type { CollectorSettings } from './settings.ts';
import type { Counters } from './stats.ts';

/** What all requests have in common. */
export interface Shared {
  readonly settings: CollectorSettings;
  readonly diagnostics: Diagnostics;
  readonly time: LogTime;
  readonly lines: LineBuilder;
  readonly writer: LogWriter;
  readonly cookie: NetworkUserCookie;
  readonly redirects: Redirects;
  readonly bodies: BodyBudget;
  readonly counters: Counters;
  readonly bugs: RareWarning;
  /** Connections are closed after the next answer. */
  stopping: boolean;
}
