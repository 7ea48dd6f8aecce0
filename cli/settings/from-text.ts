import type { Setting } from './setting.ts';

/** What a flag or a variable says, in the form in which a file would hold it. What does not fit is left to the schema to refuse. */
export function fromText(text: string, { kind }: Pick<Setting, 'kind'>): unknown {
  switch (kind) {
    case 'list':
      return text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '');
    case 'boolean':
      if (/^(1|true|yes|on)$/i.test(text)) return true;
      return /^(0|false|no|off)$/i.test(text) ? false : text;
    case 'number':
      return /^[+-]?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text.trim() === '' ? Number.NaN : text;
    default:
      return text;
  }
}
