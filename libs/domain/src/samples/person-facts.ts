/** One dataset's record of a primary identity, or all events of one dataset under a primary identity (spec 08-preview-sample). */
export interface CountedFragment {
  readonly datasetId: string;
  /** Lower-case code of the primary identity's namespace. */
  readonly namespace: string;
  readonly kind: 'record' | 'events';
  /** How many events it stands for; none for a record. */
  readonly events: number;
}

/** What reports need to know of one person, and nothing of what the records say. */
export interface PersonFacts {
  readonly clusterId: string;
  /** Lower-case namespace codes of the identities, one for each. */
  readonly namespaces: readonly string[];
  /** All that are stored, whatever the policy. */
  readonly fragments: readonly CountedFragment[];
  /** Epoch ms of the newest event that any of the identities is part of. */
  readonly newestEvent?: number;
}

/**
 * The person with only those fragments that a profile is made of: all of events, and of records those of the datasets in the
 * policy's order (spec 05-merge-policies, "Candidates").
 *
 * @param order ids of datasets; undefined where the policy has none, and every record is a candidate.
 */
export function withCandidates(person: PersonFacts, order: ReadonlySet<string> | undefined): PersonFacts {
  if (order === undefined) return person;
  const fragments = person.fragments.filter(({ kind, datasetId }) => kind === 'events' || order.has(datasetId));
  return { ...person, fragments };
}

/** A person of whom something is known: somebody whom the graph knows only by name has no profile. */
export function hasProfile({ fragments }: PersonFacts): boolean {
  return fragments.length > 0;
}

/**
 * Where a person counts as unstitched: exactly one fragment, or, of people known by events only, exactly one identity.
 *
 * @returns the namespace of the fragment's primary identity; undefined for everybody else.
 */
export function unstitchedNamespace({ namespaces, fragments }: PersonFacts): string | undefined {
  const [first, ...more] = fragments;
  if (first === undefined) return undefined;
  const isKnownByEventsOnly = fragments.every(({ kind }) => kind === 'events');
  const isAlone = isKnownByEventsOnly ? namespaces.length === 1 || more.length === 0 : more.length === 0;
  return isAlone ? first.namespace : undefined;
}
