/** What a supervising process and a role it started say to each other over the IPC channel. */

/** From the role: it is ready for work; `url` where it serves one. */
export interface ReadyMessage {
  readonly type: 'ready';
  readonly url?: string;
}

/** From the role: the answer to a `stats` request. */
export interface StatsMessage {
  readonly type: 'stats';
  readonly id: number;
  readonly stats: Readonly<Record<string, unknown>>;
}

/** From the role, before it ends: why it could not go on. */
export interface FailedMessage {
  readonly type: 'failed';
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
}

export type RoleMessage = ReadyMessage | StatsMessage | FailedMessage;

export type SupervisorMessage =
  | { readonly type: 'stop' }
  | { readonly type: 'stats'; readonly id: number }
  /** To the collector: begin a new file (log rotation). */
  | { readonly type: 'reopen' };
