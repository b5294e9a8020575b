/** Sets of strings that only ever grow together (union-find with path halving, the larger set absorbing the smaller). */
export class DisjointSets {
  private readonly parents = new Map<string, string>();
  private readonly sizes = new Map<string, number>();

  /** The representative of the element's set; an element seen for the first time is a set of its own. */
  find(element: string): string {
    let parent = this.parents.get(element);
    if (parent === undefined) {
      this.parents.set(element, element);
      return element;
    }
    let current = element;
    while (parent !== current) {
      const grandparent: string = this.parents.get(parent) ?? parent;
      this.parents.set(current, grandparent);
      current = grandparent;
      parent = this.parents.get(current) ?? current;
    }
    return current;
  }

  sizeOf(representative: string): number {
    return this.sizes.get(representative) ?? 1;
  }

  /** Joins two sets. Returns the representatives before: the one that stays, and the one that is absorbed (if any). */
  union(one: string, other: string): { readonly into: string; readonly absorbed: string | undefined } {
    const [first, second] = [this.find(one), this.find(other)];
    if (first === second) return { into: first, absorbed: undefined };
    const [into, absorbed] = this.sizeOf(first) >= this.sizeOf(second) ? [first, second] : [second, first];
    this.parents.set(absorbed, into);
    this.sizes.set(into, this.sizeOf(into) + this.sizeOf(absorbed));
    return { into, absorbed };
  }

  /** Every set, by its representative, elements in the order they were first seen. */
  sets(): Map<string, string[]> {
    const sets = new Map<string, string[]>();
    for (const element of this.parents.keys()) {
      const representative = this.find(element);
      const set = sets.get(representative);
      if (set) set.push(element);
      else sets.set(representative, [element]);
    }
    return sets;
  }
}

/** Two identities that belong together, `a` before `b` in the order of their XIDs. */
export interface Pair {
  readonly a: string;
  readonly b: string;
}

/** Identities joined by links, directly or by way of others, and the links between them. */
export interface ConnectedPart<Link extends Pair> {
  /** Sorted. */
  readonly members: readonly string[];
  readonly links: readonly Link[];
}

/** Divides a graph into its connected parts. Every end of a link must be among `xids`. */
export function connectedParts<Link extends Pair>(
  xids: Iterable<string>,
  links: readonly Link[],
): ConnectedPart<Link>[] {
  const sets = new DisjointSets();
  for (const xid of xids) sets.find(xid);
  for (const { a, b } of links) sets.union(a, b);
  const parts = new Map<string, { members: string[]; links: Link[] }>();
  for (const [representative, members] of sets.sets())
    parts.set(representative, { members: members.sort(), links: [] });
  for (const link of links) parts.get(sets.find(link.a))?.links.push(link);
  return [...parts.values()];
}
