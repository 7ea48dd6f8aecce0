import type { IncomingMessage } from 'node:http';

/** Memory for bodies that are being received, all connections together. */
export class BodyBudget {
  private left: number;

  constructor(bytes: number) {
    this.left = bytes;
  }

  take(bytes: number): boolean {
    if (bytes > this.left) return false;
    this.left -= bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.left += bytes;
  }
}

/** Told once: the body (latin1), or the status of the refusal. */
export interface BodyReceiver {
  bodyReceived(body: string): void;
  bodyRefused(status: number): void;
}

/** Receives one request's body; at most `limit` bytes, counted as they come. */
export class BodyReader {
  private readonly request: IncomingMessage;
  private readonly limit: number;
  private readonly budget: BodyBudget;
  private readonly receiver: BodyReceiver;
  private chunks: Buffer[] = [];
  private bytes = 0;
  private hasEnded = false;

  constructor(request: IncomingMessage, limit: number, budget: BodyBudget, receiver: BodyReceiver) {
    this.request = request;
    this.limit = limit;
    this.budget = budget;
    this.receiver = receiver;
    request.on('data', this.onData);
    request.on('end', this.onEnd);
    // The client went away in mid-body: Nginx logs 400.
    request.on('close', this.onClose);
    request.on('error', this.onClose);
  }

  /** Whether it has been received, or given up. */
  get ended(): boolean {
    return this.hasEnded;
  }

  /** Whether the parser still waits for bytes of it. */
  get incomplete(): boolean {
    return !this.request.complete;
  }

  /** Gives up, for a reason that shows elsewhere (time-out, malformed chunk). */
  refuse(status: number): void {
    if (this.hasEnded) return;
    this.finish();
    this.receiver.bodyRefused(status);
  }

  private readonly onData = (chunk: Buffer): void => {
    if (this.hasEnded) return;
    if (this.bytes + chunk.length > this.limit) {
      this.refuse(413);
    } else if (!this.budget.take(chunk.length)) {
      this.refuse(503);
    } else {
      this.bytes += chunk.length;
      this.chunks.push(chunk);
    }
  };

  private readonly onEnd = (): void => {
    if (this.hasEnded) return;
    const { chunks, bytes } = this;
    const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes);
    this.finish();
    this.receiver.bodyReceived(body.toString('latin1'));
  };

  private readonly onClose = (): void => this.refuse(400);

  /** From now on what still comes is thrown away. */
  private finish(): void {
    this.hasEnded = true;
    this.budget.giveBack(this.bytes);
    this.chunks = [];
  }
}
