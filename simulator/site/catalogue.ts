import type { Faker } from '@faker-js/faker';
import { faker as de } from '@faker-js/faker/locale/de';
import { faker as fr } from '@faker-js/faker/locale/fr';
import { faker as ja } from '@faker-js/faker/locale/ja';
import { faker as pl } from '@faker-js/faker/locale/pl';

/** What the simulated shop sells and writes about. The same for every seed, so that dashboards of two runs compare. */
export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly slug: string;
  readonly category: Category;
  readonly price: number;
}

export interface Category {
  readonly name: string;
  readonly slug: string;
}

export interface Post {
  readonly title: string;
  readonly slug: string;
}

const SHOP_SEED = 20_231_114;
const PRODUCTS = 400;
const POSTS = 40;

const CATEGORY_NAMES = [
  'Möbel',
  'Küche & Tisch',
  'Gärten',
  'Bücher',
  'Textilien – Wäsche',
  'Süßes',
  'Spiele 🎲',
  'Café & Thé',
];

function slugOf(name: string, number: number): string {
  const plain = name
    .toLowerCase()
    .replaceAll('ä', 'ae')
    .replaceAll('ö', 'oe')
    .replaceAll('ü', 'ue')
    .replaceAll('ß', 'ss')
    .normalize('NFD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return plain === '' ? `artikel-${number}` : plain;
}

function seeded(faker: Faker, offset: number): Faker {
  faker.seed(SHOP_SEED + offset);
  return faker;
}

function buildCatalogue() {
  const german = seeded(de, 0);
  const french = seeded(fr, 1);
  const polish = seeded(pl, 2);
  const japanese = seeded(ja, 3);
  const categories: Category[] = CATEGORY_NAMES.map((name, number) => ({ name, slug: slugOf(name, number) }));
  const products: Product[] = Array.from({ length: PRODUCTS }, (_, number) => {
    const category = categories[number % categories.length]!;
    const designer = [german, german, french, polish, japanese][number % 5]!.person.lastName();
    const name = `${german.commerce.productName()} ${number % 3 === 0 ? `„${designer}“` : designer}`;
    return {
      sku: `${category.slug.slice(0, 2).toUpperCase()}-${String(1000 + number)}`,
      name,
      slug: `${slugOf(name, number)}-${number}`,
      category,
      price: Number(german.commerce.price({ min: 3, max: 900 })),
    };
  });
  const posts: Post[] = Array.from({ length: POSTS }, (_, number) => {
    const title = `${german.company.catchPhrase()} – ${german.location.city()}`;
    return { title, slug: `${slugOf(title, number)}-${number}` };
  });
  const names = Array.from({ length: 240 }, (_, number) =>
    [german, french, polish, japanese][number % 4]!.person.firstName().toLowerCase(),
  );
  return { categories, products, posts, names };
}

export type Catalogue = ReturnType<typeof buildCatalogue>;

let built: Catalogue | undefined;

/** Made once a process: faker is too slow to be asked for each event. */
export function catalogue(): Catalogue {
  built ??= buildCatalogue();
  return built;
}
