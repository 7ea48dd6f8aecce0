import { ClickproofError } from '../contracts/errors.ts';
import type { ProfileState } from './fold.ts';
import type { VisitorWindow } from './visitor-window.ts';
import { EMPTY_WINDOW } from './visitor-window.ts';

/** All that is kept of one visitor, stored and replaced as one value: state and dedupe window have one version. */
export interface VisitorValue {
  readonly window: VisitorWindow;
  readonly state: ProfileState | null;
}

export const NEW_VISITOR: VisitorValue = { window: EMPTY_WINDOW, state: null };

const VERSION = 1;
const HEADER_BYTES = 5;

/** version (1) · bytes of the window (4) · window · state as JSON */
export function encodeVisitor({ window, state }: VisitorValue): Buffer {
  const text = JSON.stringify(state);
  const size = Buffer.byteLength(text);
  const value = Buffer.allocUnsafe(HEADER_BYTES + window.length + size);
  value.writeUInt8(VERSION, 0);
  value.writeUInt32LE(window.length, 1);
  window.copy(value, HEADER_BYTES);
  value.write(text, HEADER_BYTES + window.length);
  return value;
}

/** @throws ClickproofError PROFILE_STORE_CORRUPT the value was not written by `encodeVisitor` of this version */
export function decodeVisitor(value: Buffer): VisitorValue {
  try {
    if (value[0] !== VERSION) throw new Error(`version ${value[0]}, not ${VERSION}`);
    const end = HEADER_BYTES + value.readUInt32LE(1);
    const window = Buffer.allocUnsafeSlow(Math.min(end, value.length) - HEADER_BYTES);
    value.copy(window, 0, HEADER_BYTES, end);
    return {
      window,
      state: JSON.parse(value.toString('utf8', end)) as ProfileState | null,
    };
  } catch (error) {
    throw new ClickproofError(
      'PROFILE_STORE_CORRUPT',
      "a visitor's value in the profile store cannot be read",
      {
        remedy: 'empty the profile store: profiles are folded again from the event log',
        cause: error,
      },
    );
  }
}
