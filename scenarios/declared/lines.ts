/** Field values as text, by name. */
export type Texts = Readonly<Record<string, string | undefined>>;

/** What is kept of an event that was sent, or of a record that shows one. */
export type Line =
  | { readonly key: string; readonly answer: 'acknowledged' | 'unknown'; readonly fields: Texts }
  | { readonly key: string; readonly hop: number; readonly where: string; readonly fields: Texts };
