/** How the text of a parameter becomes the value of a field; see transforms.ts. */
export type TransformName =
  | 'text'
  | 'integer'
  | 'decimal'
  | 'boolean'
  | 'timestamp'
  | 'uuid'
  | 'dimensions'
  | 'eventCode'
  | 'platform'
  | 'firstOfList'
  | 'json'
  | 'base64Json';

/** One parameter of the tracker protocol. */
export interface TrackerParameter {
  readonly parameter: string;
  /** The atomic fields it sets: two for dimensions, else one. */
  readonly fields: readonly [string, ...string[]];
  readonly transform: TransformName;
  /** The longest value in UTF-16 units; a longer one fails the event. */
  readonly maxLength?: number;
}

/**
 * The tracker protocol. Where two parameters set one field the later one in this list wins, so the legacy names (`ev_*`,
 * `ti_na`) stand before their successors.
 */
export const TRACKER_PARAMETERS: readonly TrackerParameter[] = [
  { parameter: 'e', fields: ['event'], transform: 'eventCode', maxLength: 128 },
  { parameter: 'ip', fields: ['user_ipaddress'], transform: 'firstOfList', maxLength: 128 },
  { parameter: 'aid', fields: ['app_id'], transform: 'text', maxLength: 255 },
  { parameter: 'p', fields: ['platform'], transform: 'platform', maxLength: 255 },
  { parameter: 'tid', fields: ['txn_id'], transform: 'integer' },
  { parameter: 'uid', fields: ['user_id'], transform: 'text', maxLength: 255 },
  { parameter: 'duid', fields: ['domain_userid'], transform: 'text', maxLength: 128 },
  { parameter: 'nuid', fields: ['network_userid'], transform: 'text', maxLength: 128 },
  { parameter: 'ua', fields: ['useragent'], transform: 'text', maxLength: 1000 },
  { parameter: 'fp', fields: ['user_fingerprint'], transform: 'text', maxLength: 128 },
  { parameter: 'vid', fields: ['domain_sessionidx'], transform: 'integer' },
  { parameter: 'sid', fields: ['domain_sessionid'], transform: 'uuid', maxLength: 128 },
  { parameter: 'dtm', fields: ['dvce_created_tstamp'], transform: 'timestamp' },
  { parameter: 'ttm', fields: ['true_tstamp'], transform: 'timestamp' },
  { parameter: 'stm', fields: ['dvce_sent_tstamp'], transform: 'timestamp' },
  { parameter: 'tna', fields: ['name_tracker'], transform: 'text', maxLength: 128 },
  { parameter: 'tv', fields: ['v_tracker'], transform: 'text', maxLength: 100 },
  { parameter: 'cv', fields: ['v_collector'], transform: 'text', maxLength: 100 },
  { parameter: 'lang', fields: ['br_lang'], transform: 'text', maxLength: 255 },
  { parameter: 'f_pdf', fields: ['br_features_pdf'], transform: 'boolean' },
  { parameter: 'f_fla', fields: ['br_features_flash'], transform: 'boolean' },
  { parameter: 'f_java', fields: ['br_features_java'], transform: 'boolean' },
  { parameter: 'f_dir', fields: ['br_features_director'], transform: 'boolean' },
  { parameter: 'f_qt', fields: ['br_features_quicktime'], transform: 'boolean' },
  { parameter: 'f_realp', fields: ['br_features_realplayer'], transform: 'boolean' },
  { parameter: 'f_wma', fields: ['br_features_windowsmedia'], transform: 'boolean' },
  { parameter: 'f_gears', fields: ['br_features_gears'], transform: 'boolean' },
  { parameter: 'f_ag', fields: ['br_features_silverlight'], transform: 'boolean' },
  { parameter: 'cookie', fields: ['br_cookies'], transform: 'boolean' },
  { parameter: 'res', fields: ['dvce_screenwidth', 'dvce_screenheight'], transform: 'dimensions' },
  { parameter: 'cd', fields: ['br_colordepth'], transform: 'text', maxLength: 12 },
  { parameter: 'tz', fields: ['os_timezone'], transform: 'text', maxLength: 255 },
  { parameter: 'refr', fields: ['page_referrer'], transform: 'text', maxLength: 4096 },
  { parameter: 'url', fields: ['page_url'], transform: 'text', maxLength: 4096 },
  { parameter: 'page', fields: ['page_title'], transform: 'text', maxLength: 2000 },
  { parameter: 'cs', fields: ['doc_charset'], transform: 'text', maxLength: 128 },
  { parameter: 'ds', fields: ['doc_width', 'doc_height'], transform: 'dimensions' },
  { parameter: 'vp', fields: ['br_viewwidth', 'br_viewheight'], transform: 'dimensions' },
  { parameter: 'eid', fields: ['event_id'], transform: 'uuid', maxLength: 36 },
  { parameter: 'co', fields: ['contexts'], transform: 'json' },
  { parameter: 'cx', fields: ['contexts'], transform: 'base64Json' },
  { parameter: 'ev_ca', fields: ['se_category'], transform: 'text', maxLength: 1000 },
  { parameter: 'ev_ac', fields: ['se_action'], transform: 'text', maxLength: 1000 },
  { parameter: 'ev_la', fields: ['se_label'], transform: 'text', maxLength: 4096 },
  { parameter: 'ev_pr', fields: ['se_property'], transform: 'text', maxLength: 1000 },
  { parameter: 'ev_va', fields: ['se_value'], transform: 'decimal' },
  { parameter: 'se_ca', fields: ['se_category'], transform: 'text', maxLength: 1000 },
  { parameter: 'se_ac', fields: ['se_action'], transform: 'text', maxLength: 1000 },
  { parameter: 'se_la', fields: ['se_label'], transform: 'text', maxLength: 4096 },
  { parameter: 'se_pr', fields: ['se_property'], transform: 'text', maxLength: 1000 },
  { parameter: 'se_va', fields: ['se_value'], transform: 'decimal' },
  { parameter: 'ue_pr', fields: ['unstruct_event'], transform: 'json' },
  { parameter: 'ue_px', fields: ['unstruct_event'], transform: 'base64Json' },
  { parameter: 'tr_id', fields: ['tr_orderid'], transform: 'text', maxLength: 255 },
  { parameter: 'tr_af', fields: ['tr_affiliation'], transform: 'text', maxLength: 255 },
  { parameter: 'tr_tt', fields: ['tr_total'], transform: 'decimal' },
  { parameter: 'tr_tx', fields: ['tr_tax'], transform: 'decimal' },
  { parameter: 'tr_sh', fields: ['tr_shipping'], transform: 'decimal' },
  { parameter: 'tr_ci', fields: ['tr_city'], transform: 'text', maxLength: 255 },
  { parameter: 'tr_st', fields: ['tr_state'], transform: 'text', maxLength: 255 },
  { parameter: 'tr_co', fields: ['tr_country'], transform: 'text', maxLength: 255 },
  { parameter: 'ti_id', fields: ['ti_orderid'], transform: 'text', maxLength: 255 },
  { parameter: 'ti_sk', fields: ['ti_sku'], transform: 'text', maxLength: 255 },
  { parameter: 'ti_na', fields: ['ti_name'], transform: 'text', maxLength: 255 },
  { parameter: 'ti_nm', fields: ['ti_name'], transform: 'text', maxLength: 255 },
  { parameter: 'ti_ca', fields: ['ti_category'], transform: 'text', maxLength: 255 },
  { parameter: 'ti_pr', fields: ['ti_price'], transform: 'decimal' },
  { parameter: 'ti_qu', fields: ['ti_quantity'], transform: 'integer' },
  { parameter: 'pp_mix', fields: ['pp_xoffset_min'], transform: 'integer' },
  { parameter: 'pp_max', fields: ['pp_xoffset_max'], transform: 'integer' },
  { parameter: 'pp_miy', fields: ['pp_yoffset_min'], transform: 'integer' },
  { parameter: 'pp_may', fields: ['pp_yoffset_max'], transform: 'integer' },
  { parameter: 'tr_cu', fields: ['tr_currency'], transform: 'text', maxLength: 3 },
  { parameter: 'ti_cu', fields: ['ti_currency'], transform: 'text', maxLength: 3 },
  { parameter: 'tnuid', fields: ['network_userid'], transform: 'text', maxLength: 128 },
];
