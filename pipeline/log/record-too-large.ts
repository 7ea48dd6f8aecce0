import { ClickproofError } from '../contracts/errors.ts';

/** A record that its topic does not take: RECORD_TOO_LARGE. It says which, so that no other is blamed. */
export class RecordTooLarge extends ClickproofError {
  readonly topic: string;
  /** Of its value. */
  readonly bytes: number;

  constructor(
    { topic, value }: { readonly topic: string; readonly value: Buffer | null },
    message: string,
    options: { remedy?: string; cause?: unknown } = {},
  ) {
    super('RECORD_TOO_LARGE', message, options);
    this.topic = topic;
    this.bytes = value?.length ?? 0;
  }
}
