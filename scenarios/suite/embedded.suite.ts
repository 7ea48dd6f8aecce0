import { registerShortSet } from './short.ts';

await registerShortSet('embedded', '');
