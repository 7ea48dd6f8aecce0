import type { SelfDescribing } from './contexts.ts';

/** What happened on a page, before it is written as parameters. Amounts and quantities are numbers as the shop has them. */
export type TrackedEvent = { readonly contexts?: readonly SelfDescribing[] } & (
  | { readonly type: 'page_view' }
  | {
      readonly type: 'page_ping';
      readonly minX: number;
      readonly maxX: number;
      readonly minY: number;
      readonly maxY: number;
    }
  | {
      readonly type: 'struct';
      readonly category: string;
      readonly action: string;
      readonly label?: string;
      readonly property?: string;
      readonly value?: number;
    }
  | { readonly type: 'self_describing'; readonly event: SelfDescribing }
  | {
      readonly type: 'transaction';
      readonly order: string;
      readonly affiliation: string;
      readonly total: number;
      readonly tax: number;
      readonly shipping: number;
      readonly city: string;
      readonly country: string;
      readonly currency: string;
    }
  | {
      readonly type: 'transaction_item';
      readonly order: string;
      readonly sku: string;
      readonly name: string;
      readonly category: string;
      readonly price: number;
      readonly quantity: number;
      readonly currency: string;
    }
);

type Pairs = readonly (readonly [string, string | undefined])[];

/**
 * The parameters of the event itself, in the order of the tracker's builders. For page views and pings, address, title
 * and referrer come between `e` and the offsets; `eventPairs` gives what follows them.
 */
export function eventPairs(event: TrackedEvent): Pairs {
  switch (event.type) {
    case 'page_view':
      return [];
    case 'page_ping':
      return [
        ['pp_mix', offset(event.minX)],
        ['pp_max', offset(event.maxX)],
        ['pp_miy', offset(event.minY)],
        ['pp_may', offset(event.maxY)],
      ];
    case 'struct':
      return [
        ['e', 'se'],
        ['se_ca', event.category],
        ['se_ac', event.action],
        ['se_la', event.label],
        ['se_pr', event.property],
        ['se_va', event.value?.toString()],
      ];
    case 'self_describing':
      return [['e', 'ue']];
    case 'transaction':
      return [
        ['e', 'tr'],
        ['tr_id', event.order],
        ['tr_af', event.affiliation],
        ['tr_tt', String(event.total)],
        ['tr_tx', String(event.tax)],
        ['tr_sh', String(event.shipping)],
        ['tr_ci', event.city],
        ['tr_co', event.country],
        ['tr_cu', event.currency],
      ];
    case 'transaction_item':
      return [
        ['e', 'ti'],
        ['ti_id', event.order],
        ['ti_sk', event.sku],
        ['ti_nm', event.name],
        ['ti_ca', event.category],
        ['ti_pr', String(event.price)],
        ['ti_qu', String(event.quantity)],
        ['ti_cu', event.currency],
      ];
  }
}

/** The tracker leaves out offsets of zero. */
function offset(pixels: number): string | undefined {
  return pixels === 0 ? undefined : String(pixels);
}
