import type { z } from 'zod';
import type { Unit } from '../../pipeline/contracts/units.ts';

/** One setting of a schema, as the command line sees it. */
export interface Setting {
  readonly key: string;
  readonly description: string;
  /** `structure`: lists and objects of more than text, which can be given in a file only. */
  readonly kind: 'boolean' | 'number' | 'text' | 'list' | 'structure';
  /** What it is measured in, where it takes a unit. */
  readonly unit: Unit | undefined;
  readonly choices: readonly string[] | undefined;
  readonly required: boolean;
  readonly default: unknown;
}

/** As much of zod's own description of a type as is read here. */
interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly out?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly element?: z.ZodType;
  readonly entries?: Readonly<Record<string, string>>;
  readonly defaultValue?: unknown;
}

const definition = (type: z.ZodType): Definition => type.def as unknown as Definition;

/** What a schema's keys look like from outside. */
export function settingsOf(schema: z.ZodObject): Setting[] {
  return Object.entries(schema.shape as Readonly<Record<string, z.ZodType>>).map(([key, type]) =>
    describe(key, type),
  );
}

function describe(key: string, type: z.ZodType): Setting {
  let inner = type;
  let fallback: unknown;
  let required = true;
  let unit: Unit | undefined;
  let { description } = type;
  for (;;) {
    const { type: kind, innerType, in: before, out, defaultValue } = definition(inner);
    description ??= inner.description;
    unit ??= inner.meta()?.unit as Unit | undefined;
    if (kind === 'default' || kind === 'prefault') {
      fallback = defaultValue;
      required = false;
    } else if (kind === 'optional' || kind === 'nullable') required = false;
    else if (kind !== 'pipe') break;
    inner = innerType ?? (before && definition(before).type !== 'transform' ? before : out)!;
  }
  return {
    key,
    description: description ?? '',
    kind: kindOf(inner),
    unit,
    choices: definition(inner).type === 'enum' ? Object.values(definition(inner).entries ?? {}) : undefined,
    required,
    default: fallback,
  };
}

/** Types that take a text beside their own form are unions: what they are is the form. */
function kindOf(type: z.ZodType): Setting['kind'] {
  const { type: kind, options, element } = definition(type);
  if (kind === 'boolean') return 'boolean';
  if (kind === 'number' || kind === 'int') return 'number';
  if (kind === 'object' || kind === 'record') return 'structure';
  if (kind === 'array') return element && definition(element).type === 'string' ? 'list' : 'structure';
  if (kind === 'union') {
    const kinds = (options ?? []).map(kindOf);
    return kinds.find((one) => one === 'boolean' || one === 'list' || one === 'structure') ?? 'text';
  }
  return 'text';
}

/** Schemas by the section of the configuration file that they describe. */
export type Sections = Readonly<Record<string, z.ZodObject>>;
