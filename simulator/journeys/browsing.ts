import type { Random } from '../random/random.ts';
import { catalogue, type Product } from '../site/catalogue.ts';
import type { Page, PageKind } from '../site/pages.ts';
import type { SelfDescribing } from '../tracker/contexts.ts';
import type { TrackedEvent } from '../tracker/events.ts';

/** An event and when it happens: ms since the run began. */
export interface TimedEvent {
  readonly at: number;
  readonly event: TrackedEvent;
}

export interface CartLine {
  readonly product: Product;
  quantity: number;
}

/** What a visitor does on one page. */
export interface Stay {
  /** In order of time. */
  readonly events: readonly TimedEvent[];
  readonly leavesAt: number;
  readonly added: Product | null;
  readonly loggedIn: boolean;
}

export interface StayOptions {
  readonly random: Random;
  readonly page: Page;
  readonly openedAt: number;
  /** All times a person takes are multiplied by it. */
  readonly scale: number;
  readonly documentHeight: number;
  readonly viewportHeight: number;
  readonly cart: readonly CartLine[];
  readonly order: string;
  readonly city: string;
  readonly country: string;
  readonly currency: string;
  /** Logged-in customers' events carry a context of their own. */
  readonly customer: boolean;
  /** The address of the page that follows; null when the visit ends here. */
  readonly next: (added: boolean) => string | null;
}

/** Typical time on a page in seconds; stays are log-normal about it. */
const TYPICAL_STAY: Readonly<Record<PageKind, number>> = {
  home: 14,
  category: 22,
  product: 34,
  search: 16,
  cart: 18,
  checkout: 50,
  payment: 42,
  thanks: 15,
  login: 18,
  blog: 16,
  post: 75,
  imprint: 12,
};
const STAY_SIGMA = 0.9;
const LONGEST_STAY = 1_200_000;

/** The tracker's activity tracking: a ping every so often, if there was any activity since the last. */
const HEARTBEAT = 10_000;
const ACTIVE = 0.72;

const SNOWPLOW = 'iglu:com.snowplowanalytics.snowplow';

/** Plans a stay: page view, pings while it lasts, and what the kind of page invites to. */
export function stay(options: StayOptions): Stay {
  const { random, page, openedAt, scale } = options;
  const length = Math.min(random.logNormal(TYPICAL_STAY[page.kind] * 1000, STAY_SIGMA), LONGEST_STAY) * scale;
  const leavesAt = openedAt + length;
  const viewed = openedAt + Math.min(random.between(60, 900) * scale, length / 2);
  const events: TimedEvent[] = [{ at: viewed, event: pageView(options) }];
  onLoad(options, viewed, events);

  const added = page.product !== undefined && random.chance(0.2) ? page.product : null;
  if (added) addToCart(options, added, openedAt + length * (0.35 + 0.5 * random.float()), events);
  const filled = fillForm(options, openedAt, length, events);
  pings(options, viewed, leavesAt, events);
  const target = options.next(added !== null);
  if (target !== null && random.chance(0.7)) {
    events.push({ at: leavesAt - 1, event: selfDescribing(options, linkClick(random, target)) });
  }
  events.sort((a, b) => a.at - b.at);
  return { events, leavesAt, added, loggedIn: page.kind === 'login' && filled };
}

function productEntity(product: Product): SelfDescribing {
  return {
    schema: 'iglu:com.acme/product/jsonschema/1-0-0',
    data: { sku: product.sku, name: product.name, category: product.category.name, price: product.price },
  };
}

function pageView({ random, page }: StayOptions): TrackedEvent {
  if (page.product) return { type: 'page_view', contexts: [productEntity(page.product)] };
  if (page.kind !== 'category' || !random.chance(0.5)) return { type: 'page_view' };
  // What a list shows: several entities of one schema.
  const shown = Array.from({ length: random.between(2, 3) }, () => random.pick(catalogue().products));
  return { type: 'page_view', contexts: shown.map(productEntity) };
}

function selfDescribing(options: StayOptions, event: SelfDescribing): TrackedEvent {
  if (!options.customer) return { type: 'self_describing', event };
  const user = { schema: 'iglu:com.acme/user/jsonschema/1-0-0', data: { tier: 'gold' } };
  return { type: 'self_describing', event, contexts: [user] };
}

/** What the shop itself tracks as soon as the page is there. */
function onLoad(options: StayOptions, viewed: number, events: TimedEvent[]): void {
  const { random, page } = options;
  if (page.kind === 'search') {
    const results = random.between(0, 60);
    const data = {
      terms: page.terms!.split(' '),
      totalResults: results,
      pageResults: Math.min(results, 24),
    };
    events.push({
      at: viewed + 1,
      event: selfDescribing(options, { schema: `${SNOWPLOW}/site_search/jsonschema/1-0-0`, data }),
    });
  }
  if (page.kind === 'home' && random.chance(0.4)) {
    const slide = random.between(1, 4);
    events.push({
      at: viewed + 2,
      event: { type: 'struct', category: 'Bühne', action: 'gesehen', label: `Bild ${slide}`, value: slide },
    });
  }
  if (page.kind === 'thanks') purchase(options, viewed, events);
}

function purchase(options: StayOptions, viewed: number, events: TimedEvent[]): void {
  const { cart, order, currency, city, country } = options;
  const sum = cart.reduce((total, { product, quantity }) => total + product.price * quantity, 0);
  const total = cents(sum + SHIPPING);
  events.push({
    at: viewed + 1,
    event: {
      type: 'transaction',
      order,
      affiliation: 'Kleiner Laden',
      total,
      tax: cents(total - total / 1.19),
      shipping: SHIPPING,
      city,
      country,
      currency,
    },
  });
  for (const { product, quantity } of cart) {
    events.push({
      at: viewed + 2,
      event: {
        type: 'transaction_item',
        order,
        sku: product.sku,
        name: product.name,
        category: product.category.name,
        price: product.price,
        quantity,
        currency,
      },
    });
  }
  events.push({
    at: viewed + 3,
    event: { type: 'struct', category: 'ecommerce', action: 'purchase', label: order, value: total },
  });
}

const SHIPPING = 4.9;

function cents(amount: number): number {
  return Math.round(amount * 100) / 100;
}

function addToCart(options: StayOptions, product: Product, at: number, events: TimedEvent[]): void {
  const { sku, name, price, category } = product;
  const data = { sku, price, name, quantity: 1 };
  events.push(
    {
      at,
      event: {
        type: 'struct',
        category: 'ecommerce',
        action: 'add-to-cart',
        label: sku,
        property: category.name,
        value: price,
      },
    },
    {
      at: at + 1,
      event: selfDescribing(options, { schema: 'iglu:com.acme/add_to_cart/jsonschema/1-0-0', data }),
    },
  );
}

interface Form {
  readonly id: string;
  readonly fields: readonly (readonly [id: string, type: string, values: readonly string[]])[];
}

const FORMS: Partial<Record<PageKind, Form>> = {
  login: {
    id: 'anmelden',
    fields: [
      ['email', 'text', ['a@b.example', 'zoë@laden.example']],
      ['merken', 'checkbox', ['ja']],
    ],
  },
  checkout: {
    id: 'adresse',
    fields: [
      ['name', 'text', ['Jörg Groß', 'Zoë Łukasz', '山田 花子', "O'Brien"]],
      ['strasse', 'text', ['Hauptstraße 1', 'Rue de l’Église 5']],
      ['plz', 'text', ['10115', '80331']],
    ],
  },
  payment: { id: 'zahlung', fields: [['art', 'radio', ['rechnung', 'karte', 'vorkasse']]] },
};

/** Gives whether the form was submitted. */
function fillForm(options: StayOptions, openedAt: number, length: number, events: TimedEvent[]): boolean {
  const { random, page } = options;
  const form = FORMS[page.kind];
  if (!form || !random.chance(0.85)) return false;
  const elements = [];
  for (let i = 0; i < form.fields.length; i++) {
    const [elementId, type, values] = form.fields[i]!;
    const value = random.pick(values);
    const at = openedAt + (length * (i + 1)) / (form.fields.length + 2);
    const field = { formId: form.id, elementId, nodeName: 'INPUT', elementClasses: [] };
    events.push(
      { at, event: formEvent(options, 'focus_form', { ...field, value: '', elementType: type }) },
      {
        at: at + length * 0.04,
        event: formEvent(options, 'change_form', { ...field, value, type }),
      },
    );
    elements.push({ name: elementId, value, nodeName: 'INPUT', type });
  }
  events.push({
    at: openedAt + length * 0.95,
    event: formEvent(options, 'submit_form', { formId: form.id, formClasses: [], elements }),
  });
  return true;
}

function formEvent(options: StayOptions, name: string, data: object): TrackedEvent {
  return selfDescribing(options, { schema: `${SNOWPLOW}/${name}/jsonschema/1-0-0`, data });
}

function pings(options: StayOptions, viewed: number, leavesAt: number, events: TimedEvent[]): void {
  const { random, scale, documentHeight, viewportHeight } = options;
  const beat = HEARTBEAT * scale;
  const lowest = Math.max(0, documentHeight - viewportHeight);
  let top = 0;
  for (let at = viewed + beat; at < leavesAt; at += beat) {
    if (!random.chance(ACTIVE)) continue;
    const to = Math.min(
      lowest,
      Math.max(0, Math.round(top + viewportHeight * (0.45 + 0.5 * random.normal()))),
    );
    events.push({
      at,
      event: { type: 'page_ping', minX: 0, maxX: 0, minY: Math.min(top, to), maxY: Math.max(top, to) },
    });
    top = to;
  }
}

function linkClick(random: Random, target: string): SelfDescribing {
  const data = {
    targetUrl: target,
    elementId: random.chance(0.3) ? 'weiter' : '',
    elementClasses: random.chance(0.4) ? ['karte', 'gross'] : [],
    elementTarget: random.chance(0.9) ? '' : '_self',
  };
  return { schema: `${SNOWPLOW}/link_click/jsonschema/1-0-1`, data };
}
