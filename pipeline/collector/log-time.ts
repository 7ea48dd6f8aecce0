/**
 * The time as the log and the cookie write it. Texts are made once a millisecond and once a second, not once a request.
 */
export class LogTime {
  /** Unix time, ms. */
  readonly now: () => number;
  private readonly cookieMaxAge: number;
  private ms = Number.NaN;
  private second = Number.NaN;
  private msecText = '';
  private isoText = '';
  private expiresText = '';

  constructor(now: () => number, cookieMaxAge: number) {
    this.now = now;
    this.cookieMaxAge = cookieMaxAge;
  }

  /** Nginx's `$msec`: `1700000001.250`. */
  msec(): string {
    this.refresh();
    return this.msecText;
  }

  /** Nginx's `$time_iso8601` in local time: `2023-11-14T22:13:21+00:00`. */
  iso(): string {
    this.refresh();
    return this.isoText;
  }

  /** When a cookie set now expires: `Tue, 23 Nov 2027 16:23:36 GMT`. */
  cookieExpires(): string {
    this.refresh();
    return this.expiresText;
  }

  private refresh(): void {
    const ms = Math.floor(this.now());
    if (ms === this.ms) return;
    this.ms = ms;
    const second = Math.floor(ms / 1000);
    this.msecText = `${second}.${String(ms - second * 1000).padStart(3, '0')}`;
    if (second === this.second) return;
    this.second = second;
    this.isoText = localIso(new Date(second * 1000));
    this.expiresText = new Date(second * 1000 + this.cookieMaxAge).toUTCString();
  }
}

function localIso(date: Date): string {
  const east = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + east * 60_000).toISOString().slice(0, 19);
  const minutes = Math.abs(east);
  const hh = String(Math.floor(minutes / 60)).padStart(2, '0');
  const mm = String(minutes % 60).padStart(2, '0');
  return `${local}${east < 0 ? '-' : '+'}${hh}:${mm}`;
}
