import { compareText } from '../merge/canonical-json.js';

/** Stands for every leaf that is under no listed place, without being a write that keeps others out. No JSON Pointer. */
const OTHERS = '*';

/** What a fragment made by upserts keeps besides its body: which record last wrote where. */
export interface FieldVersions {
  /**
   * JSON Pointer → version of the newest write to that place, also where it has been cleared. An identity of
   * `identityMap` is a place of its own, named by its id. `""` is the newest record that replaced or deleted everything.
   */
  readonly writes: ReadonlyMap<string, string>;
  /** Version of the leaves under no other place than the whole; else they are as old as the whole. */
  readonly others: string | undefined;
}

/** As stored: JSON, by version, because records write many fields at once. Equal field versions give equal text. */
export function formatFieldVersions({ writes, others }: FieldVersions): string {
  const places = new Map<string, string[]>();
  const add = (place: string, version: string) => {
    const known = places.get(version);
    if (known === undefined) places.set(version, [place]);
    else known.push(place);
  };
  if (others !== undefined) add(OTHERS, others);
  for (const [pointer, version] of writes) add(pointer, version);
  const members = [...places]
    .sort(([a], [b]) => compareText(a, b))
    .map(([version, pointers]) => `${JSON.stringify(version)}:${JSON.stringify(pointers.sort(compareText))}`);
  return `{${members.join(',')}}`;
}

/** Reads what {@link formatFieldVersions} wrote. */
export function parseFieldVersions(text: string): FieldVersions & { readonly writes: Map<string, string> } {
  const writes = new Map<string, string>();
  let others: string | undefined;
  for (const [version, places] of Object.entries(JSON.parse(text) as Record<string, string[]>)) {
    for (const place of places) {
      if (place === OTHERS) others = version;
      else writes.set(place, version);
    }
  }
  return { writes, others };
}

/** Stored field versions as a merge of fragments takes them: `fieldVersions` of a `Fragment`. */
export function fieldVersionsByPointer(text: string): Map<string, string> {
  const { writes, others } = parseFieldVersions(text);
  return others === undefined ? writes : writes.set('', others);
}

/** The versions alone. */
export function versionsIn(text: string): string[] {
  return Object.keys(JSON.parse(text) as object);
}
