import { z } from 'zod';
import { VERSION } from '../contracts/version.ts';

const parameters = (names: string[], description: string) =>
  z.array(z.string().min(1)).default(names).describe(`${description}, the first one present wins`);

/** How lines become events. The defaults are those under which the reference outputs were recorded. */
export const enrichmentSettings = z.strictObject({
  collectorName: z
    .string()
    .default(`clickproof-${VERSION}`)
    .describe('Value of v_collector where the tracker sends no cv'),
  anonymisedOctets: z
    .int()
    .min(0)
    .max(4)
    .default(1)
    .describe('Octets of an IPv4 address replaced by x, from the right'),
  anonymisedSegments: z
    .int()
    .min(0)
    .max(8)
    .default(1)
    .describe('Segments of an IPv6 address replaced by x, from the right'),
  cookieName: z.string().min(1).default('sp').describe('Cookie that holds the network user id'),
  campaignMedium: parameters(['utm_medium', 'medium'], 'Page URL parameters for mkt_medium'),
  campaignSource: parameters(['utm_source', 'source'], 'Page URL parameters for mkt_source'),
  campaignTerm: parameters(['utm_term', 'legacy_term'], 'Page URL parameters for mkt_term'),
  campaignContent: parameters(['utm_content'], 'Page URL parameters for mkt_content'),
  campaignName: parameters(
    ['utm_campaign', 'cid', 'legacy_campaign'],
    'Page URL parameters for mkt_campaign',
  ),
  clickIds: z
    .record(z.string(), z.string())
    .default({ gclid: 'Google', msclkid: 'Microsoft', dclid: 'DoubleClick' })
    .describe('Page URL parameters that hold a click id, and the network each belongs to'),
  internalDomains: z
    .array(z.string())
    .default(['www.subdomain1.snowplowanalytics.com'])
    .describe("Hosts that are internal referrers besides the page's own"),
  fingerprintAlgorithm: z
    .enum(['MD5', 'SHA1', 'SHA256', 'SHA384', 'SHA512'])
    .default('MD5')
    .describe('Hash of event_fingerprint'),
  fingerprintExclude: z
    .array(z.string())
    .default(['eid', 'nuid', 'stm', 'cv'])
    .describe('Parameters left out of event_fingerprint: they differ between repeats of one event'),
  unknownSchemas: z
    .enum(['accept', 'refuse'])
    .default('accept')
    .describe('What becomes of events and contexts whose schema is not known here'),
  userAgentCacheSize: z.int().min(0).default(10_000).describe('How many user agents are remembered'),
});

export type EnrichmentSettings = z.infer<typeof enrichmentSettings>;
