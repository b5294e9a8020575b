import type { Selector } from './selector.js';

/** What any of several selections selects; everything (undefined) where one of them does. */
export function unite(selections: readonly (Selector | 'whole')[]): Selector | undefined {
  const byName = new Map<string, (Selector | 'whole')[]>();
  for (const selection of selections) {
    if (selection === 'whole') return undefined;
    for (const [name, below] of selection.fields) {
      const known = byName.get(name);
      if (known === undefined) byName.set(name, [below]);
      else known.push(below);
    }
  }
  return { fields: new Map([...byName].map(([name, below]) => [name, unite(below) ?? 'whole'])) };
}
