import type { Readable } from 'node:stream';

/** Keeps the last lines of a container's log while it starts, to be shown if it does not get ready. */
export class LastLines {
  private text = '';
  private stream: Readable | undefined;
  private readonly characters: number;

  constructor(characters = 8_192) {
    this.characters = characters;
  }

  readonly follow = (stream: Readable): void => {
    this.stream = stream;
    stream.on('data', (chunk: Buffer | string) => {
      this.text = `${this.text}${chunk}`.slice(-this.characters);
    });
    stream.on('error', () => {}); // the container is gone; what was kept stays
  };

  /** No more lines are taken. */
  close(): void {
    this.stream?.destroy();
  }

  last(count: number): string[] {
    return this.text
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((line) => line !== '')
      .slice(-count);
  }
}
