import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { ClickproofError } from '../../../contracts/errors.ts';

/** Codecs by the number in a batch's attributes. */
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** @throws ClickproofError CODEC_UNSUPPORTED */
export function decompress(codec: number, bytes: Buffer): Buffer {
  switch (CODECS[codec]) {
    case 'none':
      return bytes;
    case 'gzip':
      return gunzipSync(bytes);
    case 'zstd':
      return zstdDecompressSync(bytes);
    default:
      throw new ClickproofError(
        'CODEC_UNSUPPORTED',
        `records compressed by ${CODECS[codec] ?? `codec ${codec}`} cannot be read`,
        { remedy: 'let their producer compress by gzip or zstd, or not at all' },
      );
  }
}
