import { join } from 'node:path';

/** Where the access log is, unless it is told otherwise: collector and shipper find each other by it. */
export const accessLog = (dataDir: string): string => join(dataDir, 'access', 'tracking.log');
