import { type ExactJson, parseJson } from '../../pipeline/contracts/json.ts';

/** Deeper than this JSON is refused. */
const MAX_DEPTH = 64;

/** Parses JSON as the pipeline takes it; undefined for what it refuses. */
export function readJson(text: string): ExactJson | undefined {
  if (depthOf(text) > MAX_DEPTH) return undefined;
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** How deep objects and lists are nested; 0 where there are too few of them to matter. */
function depthOf(text: string): number {
  let opening = 0;
  for (let i = 0; i < text.length && opening <= MAX_DEPTH; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x7b || code === 0x5b) opening++;
  }
  if (opening <= MAX_DEPTH) return 0;
  let deepest = 0;
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') quoted = !quoted;
    else if (quoted && character === '\\') i++;
    else if (!quoted && (character === '{' || character === '[')) deepest = Math.max(deepest, ++depth);
    else if (!quoted && (character === '}' || character === ']')) depth--;
  }
  return deepest;
}
