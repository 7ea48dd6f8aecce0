/** What each version of `payload_data` added to the one before it. */
const ADDED: readonly (readonly [version: string, parameters: string])[] = [
  [
    '1-0-0',
    `ad_ad ad_ba ad_ca ad_uid aid cd co cookie cs ctype cx ds dtm duid e eid f_ag f_dir f_fla f_gears f_java
     f_pdf f_qt f_realp f_wma fp ip lang mac nuid p page pp_max pp_may pp_mix pp_miy refr res sa se_ac se_ca
     se_la se_pr se_va sn sp st ti_ca ti_cu ti_id ti_na ti_nm ti_pr ti_qu ti_sk tid tna tr_af tr_ci tr_co
     tr_cu tr_id tr_sh tr_st tr_tt tr_tx tv tz ue_na ue_pr ue_px uid url vid vp`,
  ],
  ['1-0-1', 'ua'],
  ['1-0-2', 'tnuid'],
  ['1-0-3', 'sid stm'],
  ['1-0-4', 'ttm'],
];

/** The parameters an event of a POST may have, by version of `payload_data`. All values are strings. */
export const PAYLOAD_PARAMETERS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  ADDED.map(([version], index) => [
    version,
    new Set(ADDED.slice(0, index + 1).flatMap(([, parameters]) => parameters.split(/\s+/))),
  ]),
);

/** The parameters it must have. */
export const REQUIRED_PAYLOAD_PARAMETERS = ['tv', 'p', 'e'] as const;
