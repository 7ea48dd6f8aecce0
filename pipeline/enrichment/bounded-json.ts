import { type ExactJson, parseJson } from '../contracts/json.ts';
import type { Refusal } from './types.ts';

/** Deeper than any real event; deep enough that writing it again cannot exhaust the stack. */
export const MAX_DEPTH = 64;

/** Parses JSON from the network: exact numbers, bounded depth, no exception. */
export function parseBoundedJson(text: string): { value: ExactJson } | { refusal: Refusal } {
  if (isTooDeep(text))
    return { refusal: { code: 'json_too_deep', message: `nested deeper than ${MAX_DEPTH}` } };
  try {
    return { value: parseJson(text) };
  } catch (error) {
    return {
      refusal: { code: 'invalid_json', message: error instanceof Error ? error.message : 'not JSON' },
    };
  }
}

/** Whether brackets outside of strings nest too deep. Counting all brackets first is enough for nearly every text. */
export function isTooDeep(text: string): boolean {
  return countOpening(text) > MAX_DEPTH && depth(text) > MAX_DEPTH;
}

function countOpening(text: string): number {
  let count = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at >= 0 && count <= MAX_DEPTH; at = text.indexOf(bracket, at + 1))
      count++;
  }
  return count;
}

function depth(text: string): number {
  let deepest = 0;
  let level = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) deepest = Math.max(deepest, ++level);
    else if (code === 0x7d || code === 0x5d) level--;
  }
  return deepest;
}
