import type { Category, Post, Product } from './catalogue.ts';

export type PageKind =
  | 'home'
  | 'category'
  | 'product'
  | 'search'
  | 'cart'
  | 'checkout'
  | 'payment'
  | 'thanks'
  | 'login'
  | 'blog'
  | 'post'
  | 'imprint';

/** One page of the shop, as it can be linked to. */
export interface Page {
  readonly kind: PageKind;
  /** Path and query. */
  readonly path: string;
  readonly title: string;
  /** Height of the document in CSS pixels at a desktop's width. */
  readonly height: number;
  readonly product?: Product;
  readonly terms?: string;
}

const SHOP = 'Kleiner Laden';

export const HOME: Page = { kind: 'home', path: '/', title: `${SHOP} – Schönes für zu Hause`, height: 4200 };
export const CART: Page = { kind: 'cart', path: '/warenkorb', title: `Warenkorb | ${SHOP}`, height: 1300 };
export const CHECKOUT: Page = {
  kind: 'checkout',
  path: '/kasse/adresse',
  title: `Kasse: Adresse | ${SHOP}`,
  height: 1500,
};
export const PAYMENT: Page = {
  kind: 'payment',
  path: '/kasse/zahlung',
  title: `Kasse: Zahlung | ${SHOP}`,
  height: 1400,
};
export const LOGIN: Page = {
  kind: 'login',
  path: '/konto/anmelden',
  title: `Anmelden | ${SHOP}`,
  height: 1000,
};
export const BLOG: Page = { kind: 'blog', path: '/magazin', title: `Magazin | ${SHOP}`, height: 5200 };
export const IMPRINT: Page = {
  kind: 'imprint',
  path: '/impressum',
  title: `Impressum | ${SHOP}`,
  height: 2600,
};

export function categoryPage(category: Category, number = 1): Page {
  return {
    kind: 'category',
    path: number === 1 ? `/${category.slug}` : `/${category.slug}?seite=${number}`,
    title: `${category.name} | ${SHOP}`,
    height: 3600,
  };
}

export function productPage(product: Product): Page {
  return {
    kind: 'product',
    path: `/${product.category.slug}/${product.slug}`,
    title: `${product.name} – ${product.category.name} | ${SHOP}`,
    height: 3100,
    product,
  };
}

export function searchPage(terms: string): Page {
  return {
    kind: 'search',
    path: `/suche?q=${encodeURIComponent(terms).replaceAll('%20', '+')}`,
    title: `Suche: „${terms}“ | ${SHOP}`,
    height: 2800,
    terms,
  };
}

export function postPage(post: Post): Page {
  return { kind: 'post', path: `/magazin/${post.slug}`, title: `${post.title} | ${SHOP}`, height: 6400 };
}

export function thanksPage(order: string): Page {
  return {
    kind: 'thanks',
    path: `/kasse/danke?auftrag=${order}`,
    title: `Danke für Ihre Bestellung! | ${SHOP}`,
    height: 1200,
  };
}
