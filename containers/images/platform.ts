import { ClickproofError } from '../../pipeline/contracts/errors.ts';

/** What this machine's architecture is called by those who build for it. Images are assembled for it alone. */
export interface Platform {
  readonly debian: string;
  readonly go: string;
  readonly npm: string;
}

const PLATFORMS: Readonly<Record<string, Platform>> = {
  x64: { debian: 'amd64', go: 'amd64', npm: 'x64' },
  arm64: { debian: 'arm64', go: 'arm64', npm: 'arm64' },
};

/** @throws ClickproofError ARCHITECTURE_UNKNOWN */
export function platform(architecture: string = process.arch): Platform {
  const found = PLATFORMS[architecture];
  if (found) return found;
  throw new ClickproofError('ARCHITECTURE_UNKNOWN', `images cannot be assembled for ${architecture}`, {
    remedy: 'use the official images, which are pulled when they are not there',
  });
}
