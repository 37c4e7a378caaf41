import type { BenchmarkRow } from './benchmark.ts';

/** The rows as an aligned table: work, ours, peer, ratio, goal, note. */
export function formatTable(rows: readonly BenchmarkRow[]): string {
  const cells = [
    ['work', 'ours', 'beside', 'theirs', 'ratio', 'goal', 'note'],
    ...rows.map((row) => [
      row.work,
      figure(row.ours, row.unit),
      row.peer?.name ?? '–',
      row.peer === undefined ? '–' : figure(row.peer.figure, row.unit),
      row.peer === undefined ? '–' : `${(row.ours / row.peer.figure).toFixed(2)} ×`,
      row.goal === undefined ? '–' : `${row.goal.met ? 'met' : 'NOT met'}: ${row.goal.text}`,
      row.note ?? '',
    ]),
  ];
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((line) => line[column]?.length ?? 0)),
  );
  return cells
    .map((line, index) => {
      const text = line
        .map((cell, column) =>
          column >= 1 && column <= 4 && column !== 2
            ? cell.padStart(widths[column] ?? 0)
            : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ');
      return index === 0 ? `${text.trimEnd()}\n${'─'.repeat(text.trimEnd().length)}` : text.trimEnd();
    })
    .join('\n');
}

function figure(value: number, unit: BenchmarkRow['unit']): string {
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${unit}`;
}
