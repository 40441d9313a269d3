import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Figure, type Findings, median, meets } from './figures.ts';
import type { Machine } from './machine.ts';

const header = ['', 'median', 'lowest .. highest', '', 'target'];

/** The findings of one benchmark as a table for people. */
export function printFindings(name: string, question: string, { figures, notes }: Findings): void {
  const rows = [header, ...figures.map(rowOf)];
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  console.log(`\n${name}: ${question}\n`);
  for (const row of rows) {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 1 ? cell.padStart(width) : cell.padEnd(width);
    });
    console.log(`  ${cells.join('  ').trimEnd()}`);
  }
  for (const note of notes) console.log(`  ${note}`);
}

/** Writes the findings, with every round, to a file of the day; answers where. */
export function writeFindings(
  directory: string,
  name: string,
  findings: Findings,
  about: { readonly machine: Machine; readonly measuredAt: Date },
): string {
  mkdirSync(directory, { recursive: true });
  const time = about.measuredAt.toISOString().slice(0, 19).replaceAll(':', '-');
  const file = join(directory, `${name}-${time}.json`);
  const figures = findings.figures.map((figure) => ({
    ...figure,
    median: median(figure.rounds),
    met: meets(figure),
  }));
  const { machine, measuredAt } = about;
  writeFileSync(
    file,
    `${JSON.stringify({ name, measuredAt, machine, figures, notes: findings.notes }, null, 2)}\n`,
  );
  return file;
}

function rowOf(figure: Figure): string[] {
  const { name, unit, rounds } = figure;
  const spread = rounds.length > 1 ? `${shown(Math.min(...rounds))} .. ${shown(Math.max(...rounds))}` : '';
  return [name, shown(median(rounds)), spread, unit, targetOf(figure)];
}

function targetOf(figure: Figure): string {
  const { target } = figure;
  if (target === undefined) return '';
  const bound = 'atLeast' in target ? `at least ${target.atLeast}` : `at most ${target.atMost}`;
  return `${bound}: ${meets(figure) ? 'met' : 'MISSED'}`;
}

/** Three digits that matter, or all before the point. */
function shown(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return value
    .toPrecision(3)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
}
