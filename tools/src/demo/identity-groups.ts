/**
 * Which records belong to one person: records that share an identity, directly or through others, are in one group
 * (union-find). Groups and their members keep the order of the records.
 */
export function groupByIdentity<Item>(
  items: readonly Item[],
  identitiesOf: (item: Item) => readonly string[],
): Item[][] {
  const parent = items.map((_, index) => index);
  const rootOf = (index: number): number => {
    let root = index;
    while (parent[root] !== root) root = parent[root] as number;
    for (let step = index; step !== root;) {
      const next = parent[step] as number;
      parent[step] = root;
      step = next;
    }
    return root;
  };
  const firstWith = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    for (const identity of identitiesOf(item)) {
      const other = firstWith.get(identity);
      if (other === undefined) firstWith.set(identity, index);
      else parent[rootOf(index)] = rootOf(other);
    }
  }
  return [...Map.groupBy(items.keys(), rootOf).values()].map((group) => group.map((index) => items[index] as Item));
}
