import { run } from '../../cli/main.ts';

/** Runs the command line within this process, for what ends before any work begins. */
export async function say(args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await run(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}
