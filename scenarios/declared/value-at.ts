import { type ExactJson, parseJson } from '../../pipeline/contracts/json.ts';

/**
 * What stands at a path like `event.page.url` or `events.0.id`. Names that themselves hold dots are tried, too, the longest first; a text
 * on the way that holds JSON is read as such, so that what an envelope carries can be reached. Undefined where there is nothing.
 */
export function valueAt(value: ExactJson | undefined, path: string): ExactJson | undefined {
  const whole = step(value, path);
  if (whole !== undefined) return whole;
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const next = step(value, path.slice(0, dot));
    const found = next === undefined ? undefined : valueAt(opened(next), path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

function step(value: ExactJson | undefined, name: string): ExactJson | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, ExactJson>)[name] : undefined;
}

function opened(value: ExactJson): ExactJson {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return parseJson(value);
  } catch {
    return value;
  }
}
