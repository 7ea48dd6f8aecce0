/** What nobody who keeps to a topic's format writes to it, by what is wrong with it. */
export const POISONS: Readonly<
  Record<string, { readonly key: Buffer | null; readonly value: Buffer | null }>
> = {
  'no bytes': { key: Buffer.from('nobody'), value: Buffer.alloc(0) },
  'no value': { key: Buffer.from('nobody'), value: null },
  garbage: {
    key: Buffer.from([0xff, 0xfe]),
    value: Buffer.from([0, 0xff, 0xc3, 0x28, 0x80, 10, 13, 0xed, 0xa0, 0x80]),
  },
  // To a reader that takes every key for a marker's.
  'the key of a marker': { key: Buffer.alloc(4), value: Buffer.from('{') },
  'no key': { key: null, value: Buffer.from('not JSON') },
  'half of it': { key: Buffer.from('nobody'), value: Buffer.from('{"event":[{"name":"event_id","val') },
  'a number': { key: Buffer.from('nobody'), value: Buffer.from('1e999') },
  'a list': { key: Buffer.from('nobody'), value: Buffer.from('[[],{},null]') },
  nothing: { key: Buffer.from('nobody'), value: Buffer.from('null') },
  'a deep one': { key: Buffer.from('nobody'), value: Buffer.from(`{"event":${'['.repeat(100_000)}`) },
  'a large one': { key: Buffer.from('nobody'), value: Buffer.alloc(1_000_000, 'x') },
};
