import { ClickproofError } from '../../pipeline/contracts/errors.ts';

/** Servers can be long-winded; the log has it all. */
const MOST_CHARACTERS = 300;

/** Does what reads a hop; says why where it cannot be read, in a line. Other errors are thrown. */
export async function whyUnreadable(read: () => Promise<void>): Promise<string | undefined> {
  try {
    await read();
    return undefined;
  } catch (error) {
    if (!(error instanceof ClickproofError)) throw error;
    const [line] = error.message.split('\n', 1);
    return line!.length > MOST_CHARACTERS ? `${line!.slice(0, MOST_CHARACTERS)} …` : line!;
  }
}
