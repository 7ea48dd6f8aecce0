import { z } from 'zod';
import { size } from '../../contracts/units.ts';
import { sinkSettings } from '../settings.ts';

/** Settings of the ClickHouse sink. */
export const clickhouseSinkSettings = z.strictObject({
  clickhouseUrl: z
    .url({ protocol: /^https?$/ })
    .default('http://127.0.0.1:8123')
    .describe('where ClickHouse answers HTTP; https:// for TLS'),
  clickhouseDatabase: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
    .default('tracking')
    .describe('database of the tables; made when it is missing'),
  clickhouseUser: z.string().min(1).default('default').describe('user name'),
  clickhousePassword: z.string().default('').describe('password'),
  clickhouseCaFile: z
    .string()
    .min(1)
    .optional()
    .describe('certificates (PEM) that ClickHouse is trusted by, besides the usual ones'),
  clickhouseMigrate: z
    .union([z.boolean(), z.stringbool()])
    .default(true)
    .describe('bring an older schema up to date at start; otherwise it is refused'),
  clickhouseCompress: z
    .union([z.boolean(), z.stringbool()])
    .default(false)
    .describe('compress inserts (gzip); worth it over a network, not on one machine'),
  sinkBatchRows: z.coerce.number().int().min(1).default(5_000).describe('rows an insert holds at most'),
  sinkBatchBytes: size
    .default(16 * 1_048_576)
    .describe('bytes an insert holds at most, unless one row is larger'),
  ...sinkSettings('ClickHouse'),
});

export type ClickHouseSinkSettings = z.output<typeof clickhouseSinkSettings>;
