import type { z } from 'zod';
import { nearest } from './nearest.ts';
import type { Setting } from './setting.ts';

/** What is wrong with a value, as a phrase that follows the setting's name. */
export function explain(issue: z.core.$ZodIssue, given: unknown, setting: Setting | undefined): string {
  const value = typeof given === 'string' ? `"${given}"` : (JSON.stringify(given) ?? String(given));
  switch (issue.code) {
    case 'invalid_type':
      return `${value} is not ${article(issue.expected)}`;
    case 'too_small':
      return issue.origin === 'string'
        ? 'must not be empty'
        : `${value} is too small, it must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return `${value} is too large, it must be at most ${issue.maximum}`;
    case 'invalid_value': {
      const values = issue.values.map(String);
      const guess = nearest(String(given), values);
      return `${value} is not one of ${values.join(', ')}${guess ? `; did you mean ${guess}?` : ''}`;
    }
    case 'invalid_union':
      return setting?.kind === 'boolean' ? `${value} is neither true nor false` : `${value} will not do`;
    case 'unrecognized_keys':
      return `there is no "${issue.keys.join('", "')}"`;
    case 'invalid_format':
      return issue.format === 'url' || issue.message.startsWith('Invalid')
        ? `${value} is not ${article(issue.format === 'url' ? 'URL' : 'allowed')}`
        : `${value} is not allowed: ${issue.message}`;
    default:
      return issue.message;
  }
}

function article(expected: string): string {
  switch (expected) {
    case 'int':
      return 'a whole number';
    case 'array':
      return 'a list';
    case 'object':
    case 'record':
      return 'a group of settings';
    case 'string':
      return 'a text';
    case 'boolean':
      return 'true or false';
    case 'allowed':
      return 'allowed';
    default:
      return `a ${expected}`;
  }
}
