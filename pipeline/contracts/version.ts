/** The version of the package, as the pipeline names itself in what it writes (`v_collector`, `v_etl`). */
export const VERSION = '0.1.0';
