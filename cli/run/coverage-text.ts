import type { CoverageCell } from '../../reports/suite-result.ts';
import type { Paint } from './paint.ts';
import { textTable } from './text-table.ts';

/** The coverage as text: whom it happened to down, what happened across; how often, and in scenarios of how many events. */
export function coverageText(cells: readonly CoverageCell[], paint: Paint): string[] {
  return (['faults', 'fail points'] as const).flatMap((table) => {
    const own = cells.filter((cell) => cell.table === table);
    if (own.length === 0) return [];
    const columns = [...new Set(own.map(({ fault }) => fault))];
    const rows = [...new Set(own.map(({ where }) => where))].map((where) => [
      where,
      ...columns.map((fault) => {
        const cell = own.find((one) => one.where === where && one.fault === fault);
        if (cell === undefined) return paint.dim('-');
        const text = `${cell.times} × (${cell.events})`;
        return cell.verdict === 'pass' ? paint.good(text) : paint.bad(text);
      }),
    ]);
    return [textTable([`${table}: times (events)`, ...columns].map(paint.dim), rows), ''];
  });
}
