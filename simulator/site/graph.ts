import { Choice, zipf } from '../random/choice.ts';
import type { Random } from '../random/random.ts';
import { catalogue } from './catalogue.ts';
import {
  BLOG,
  CART,
  CHECKOUT,
  categoryPage,
  HOME,
  IMPRINT,
  LOGIN,
  PAYMENT,
  type Page,
  type PageKind,
  postPage,
  productPage,
  searchPage,
} from './pages.ts';

type Step = PageKind | 'leave';

/** Where visitors go from a page, as weights of a Markov chain. The steps of an order need goods in the cart. */
const STEPS: Readonly<Record<PageKind, Partial<Record<Step, number>>>> = {
  home: { category: 44, product: 16, search: 12, blog: 6, login: 3, imprint: 2, leave: 17 },
  category: { product: 60, category: 14, search: 5, home: 3, leave: 18 },
  product: { product: 22, category: 18, cart: 20, search: 6, home: 3, leave: 31 },
  search: { product: 56, search: 16, home: 3, leave: 25 },
  cart: { checkout: 46, product: 18, category: 12, leave: 24 },
  checkout: { payment: 72, cart: 8, leave: 20 },
  payment: { thanks: 84, checkout: 5, leave: 11 },
  thanks: { home: 12, leave: 88 },
  login: { home: 60, category: 30, leave: 10 },
  blog: { post: 66, home: 10, leave: 24 },
  post: { post: 22, product: 16, blog: 10, leave: 52 },
  imprint: { home: 25, leave: 75 },
};

const NEEDS_GOODS: ReadonlySet<Step> = new Set<Step>(['cart', 'checkout', 'payment', 'thanks']);

/** The shop's pages, how popular they are and how they hang together. */
export class Site {
  readonly #steps = new Map<PageKind, Choice<Step>>();
  readonly #stepsWithoutGoods = new Map<PageKind, Choice<Step>>();
  readonly #products = zipf(catalogue().products, 0.9);
  readonly #posts = zipf(catalogue().posts, 1.1);
  readonly #categories = zipf(catalogue().categories, 0.6);

  constructor() {
    for (const [kind, steps] of Object.entries(STEPS) as [PageKind, Partial<Record<Step, number>>][]) {
      const names = Object.keys(steps) as Step[];
      const weight = (step: Step) => steps[step]!;
      this.#steps.set(kind, new Choice(names, weight));
      const open = names.filter((step) => !NEEDS_GOODS.has(step));
      this.#stepsWithoutGoods.set(kind, new Choice(open, weight));
    }
  }

  /** The kind of page that follows. */
  step(random: Random, from: PageKind, hasGoods: boolean): Step {
    return (hasGoods ? this.#steps : this.#stepsWithoutGoods).get(from)!.draw(random);
  }

  /** A page of a kind; popular ones come more often. */
  page(random: Random, kind: Exclude<PageKind, 'thanks'>): Page {
    switch (kind) {
      case 'category':
        return categoryPage(this.#categories.draw(random), random.chance(0.2) ? 2 : 1);
      case 'product':
        return productPage(this.#products.draw(random));
      case 'search':
        return searchPage(this.#terms(random));
      case 'post':
        return postPage(this.#posts.draw(random));
      default:
        return FIXED[kind];
    }
  }

  /** Product after product, from the first again after the last. */
  productAt(number: number): Page {
    const { products } = catalogue();
    return productPage(products[number % products.length]!);
  }

  /** People search for what is popular, mostly by its first word, not always in the right case. */
  #terms(random: Random): string {
    const words = this.#products.draw(random).name.split(' ');
    const terms = random.chance(0.6) ? words[0]! : words.slice(0, 2).join(' ');
    return random.chance(0.5) ? terms.toLowerCase() : terms;
  }
}

const FIXED = {
  home: HOME,
  cart: CART,
  checkout: CHECKOUT,
  payment: PAYMENT,
  login: LOGIN,
  blog: BLOG,
  imprint: IMPRINT,
};
