// Loaded into a role before anything else (`node --import URL?by=MS&after=MS`): its wall clock jumps once, while it works. Timers go on as
// they were.

const asked = new URL(import.meta.url).searchParams;
const by = Number(asked.get('by'));
const Real = Date;
let offset = 0;

class JumpingDate extends Real {
  constructor(...args: [] | [number]) {
    if (args.length === 0) super(Real.now() + offset);
    else super(...args);
  }

  static override now(): number {
    return Real.now() + offset;
  }
}

globalThis.Date = JumpingDate as DateConstructor;

setTimeout(
  () => {
    offset = by;
    console.error(
      `${new Date().toISOString()} the clock has jumped by ${by} ms, from ${new Real().toISOString()}`,
    );
  },
  Number(asked.get('after')),
).unref();
