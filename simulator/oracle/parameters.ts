/** How the text of a tracker parameter becomes a value. */
export type ParameterKind =
  /** Text; tabs become four spaces, control characters go, empty is no value. */
  | 'text'
  | 'uuid'
  | 'integer'
  | 'decimal'
  /** `1` or `0`. */
  | 'flag'
  /** Milliseconds since 1970, years 0 to 9999. */
  | 'timestamp'
  /** `1280x720`: two integers. */
  | 'dimensions'
  /** The first of a list of addresses. */
  | 'address'
  | 'event_code'
  | 'platform'
  | 'url'
  | 'json'
  | 'base64_json';

/** One parameter of the tracker protocol. */
export interface Parameter {
  readonly kind: ParameterKind;
  /** The atomic fields it gives. */
  readonly fields: readonly string[];
}

const table = (kind: ParameterKind, rows: string): [string, Parameter][] =>
  rows
    .trim()
    .split(/\s+/)
    .map((row) => {
      const [name, fields] = row.split('=') as [string, string];
      return [name, { kind, fields: fields.split(',') }];
    });

/** The tracker protocol: what each parameter is and which field it becomes. */
export const PARAMETERS: ReadonlyMap<string, Parameter> = new Map([
  ...table(
    'text',
    `aid=app_id uid=user_id duid=domain_userid nuid=network_userid tnuid=network_userid ua=useragent
     fp=user_fingerprint tna=name_tracker tv=v_tracker cv=v_collector lang=br_lang cd=br_colordepth tz=os_timezone
     page=page_title cs=doc_charset
     ev_ca=se_category ev_ac=se_action ev_la=se_label ev_pr=se_property
     se_ca=se_category se_ac=se_action se_la=se_label se_pr=se_property
     tr_id=tr_orderid tr_af=tr_affiliation tr_ci=tr_city tr_st=tr_state tr_co=tr_country tr_cu=tr_currency
     ti_id=ti_orderid ti_sk=ti_sku ti_na=ti_name ti_nm=ti_name ti_ca=ti_category ti_cu=ti_currency`,
  ),
  ...table('uuid', 'eid=event_id sid=domain_sessionid'),
  ...table(
    'integer',
    `tid=txn_id vid=domain_sessionidx ti_qu=ti_quantity pp_mix=pp_xoffset_min pp_max=pp_xoffset_max
     pp_miy=pp_yoffset_min pp_may=pp_yoffset_max`,
  ),
  ...table(
    'decimal',
    'ev_va=se_value se_va=se_value tr_tt=tr_total tr_tx=tr_tax tr_sh=tr_shipping ti_pr=ti_price',
  ),
  ...table(
    'flag',
    `f_pdf=br_features_pdf f_fla=br_features_flash f_java=br_features_java f_dir=br_features_director
     f_qt=br_features_quicktime f_realp=br_features_realplayer f_wma=br_features_windowsmedia
     f_gears=br_features_gears f_ag=br_features_silverlight cookie=br_cookies`,
  ),
  ...table('timestamp', 'dtm=dvce_created_tstamp stm=dvce_sent_tstamp ttm=true_tstamp'),
  ...table(
    'dimensions',
    'res=dvce_screenwidth,dvce_screenheight vp=br_viewwidth,br_viewheight ds=doc_width,doc_height',
  ),
  ...table('address', 'ip=user_ipaddress'),
  ...table('event_code', 'e=event'),
  ...table('platform', 'p=platform'),
  ...table('url', 'url=page_url refr=page_referrer'),
  ...table('json', 'co=contexts ue_pr=unstruct_event'),
  ...table('base64_json', 'cx=contexts ue_px=unstruct_event'),
]);

/** The longest value of each text field, in UTF-16 units; an event with a longer one fails. */
export const MAX_LENGTH: Readonly<Record<string, number>> = {
  app_id: 255,
  name_tracker: 128,
  v_tracker: 100,
  v_collector: 100,
  user_id: 255,
  user_ipaddress: 128,
  user_fingerprint: 128,
  domain_userid: 128,
  network_userid: 128,
  page_url: 4096,
  page_title: 2000,
  page_referrer: 4096,
  page_urlscheme: 16,
  page_urlhost: 255,
  page_urlpath: 3000,
  page_urlquery: 6000,
  page_urlfragment: 3000,
  refr_urlscheme: 16,
  refr_urlhost: 255,
  refr_urlpath: 6000,
  refr_urlquery: 6000,
  refr_urlfragment: 3000,
  refr_domain_userid: 128,
  mkt_medium: 255,
  mkt_source: 255,
  mkt_term: 255,
  mkt_content: 500,
  mkt_campaign: 255,
  mkt_clickid: 128,
  mkt_network: 64,
  se_category: 1000,
  se_action: 1000,
  se_label: 4096,
  se_property: 1000,
  tr_orderid: 255,
  tr_affiliation: 255,
  tr_city: 255,
  tr_state: 255,
  tr_country: 255,
  tr_currency: 3,
  ti_orderid: 255,
  ti_sku: 255,
  ti_name: 255,
  ti_category: 255,
  ti_currency: 3,
  useragent: 1000,
  br_lang: 255,
  br_colordepth: 12,
  os_timezone: 255,
  doc_charset: 128,
};

/** `e` and the event it stands for. `ad` is known, but an event of that kind fails: it has no schema. */
export const EVENT_CODES: Readonly<Record<string, string>> = {
  pv: 'page_view',
  pp: 'page_ping',
  se: 'struct',
  ev: 'struct',
  ue: 'unstruct',
  tr: 'transaction',
  ti: 'transaction_item',
};

export const PLATFORMS: ReadonlySet<string> = new Set([
  'web',
  'iot',
  'app',
  'mob',
  'pc',
  'cnsl',
  'tv',
  'srv',
]);

/** The schema that stands for an event that carries none. */
export const EVENT_SCHEMAS: Readonly<Record<string, { vendor: string; name: string }>> = {
  page_view: { vendor: 'com.snowplowanalytics.snowplow', name: 'page_view' },
  page_ping: { vendor: 'com.snowplowanalytics.snowplow', name: 'page_ping' },
  struct: { vendor: 'com.google.analytics', name: 'event' },
  transaction: { vendor: 'com.snowplowanalytics.snowplow', name: 'transaction' },
  transaction_item: { vendor: 'com.snowplowanalytics.snowplow', name: 'transaction_item' },
};

/** Parameters that an event of a batch may not have, though one of a query string may. */
const NOT_IN_BATCHES = new Set(['ev_ca', 'ev_ac', 'ev_la', 'ev_pr', 'ev_va', 'cv']);

/** Parameters that are allowed in a batch, though no field comes of them. */
const ONLY_IN_BATCHES = new Set('ad_ad ad_ba ad_ca ad_uid ctype mac sa sn sp st ue_na'.split(' '));

const SINCE: Readonly<Record<string, number>> = { ua: 1, tnuid: 2, sid: 3, stm: 3, ttm: 4 };

/** The addition of `payload_data` 1-0 that brought the parameter; NaN for one that has no place in a batch. */
export function batchParameterSince(name: string): number {
  if (PARAMETERS.has(name) ? NOT_IN_BATCHES.has(name) : !ONLY_IN_BATCHES.has(name)) return Number.NaN;
  return Object.hasOwn(SINCE, name) ? SINCE[name]! : 0;
}
