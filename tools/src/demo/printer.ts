import { stripVTControlCharacters, styleText } from 'node:util';

const numbers = new Intl.NumberFormat('en');
const LABEL_WIDTH = 20;

/** 12345 as `12,345`. */
export function count(value: number): string {
  return numbers.format(value);
}

/** Milliseconds with a precision that fits their size. */
export function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
}

export function heading(text: string): void {
  console.log(`\n${styleText('bold', text)}`);
}

/** One figure: its name, its value, and what it means. */
export function figure(label: string, value: string, note = ''): void {
  console.log(`  ${label.padEnd(LABEL_WIDTH)}${value.padStart(9)}${note === '' ? '' : `   ${styleText('dim', note)}`}`);
}

export function line(text: string): void {
  console.log(`  ${text}`);
}

/** Rows under each other, each column as wide as its widest cell. Cells may carry colours. */
export function table(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => lengthOf(row[column]))));
  for (const row of rows) {
    const cells = row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - lengthOf(cell)));
    console.log(`  ${cells.join('   ').trimEnd()}`);
  }
}

function lengthOf(cell = ''): number {
  return stripVTControlCharacters(cell).length;
}
