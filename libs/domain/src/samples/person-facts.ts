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
  /**
   * Ids of the datasets of events that carry any of the identities below somebody else's primary one, whose fragments they
   * are: an event is stored under every identity it carries (spec 03-ingestion), and a fragment is of a primary one.
   */
  readonly takesPartIn: readonly string[];
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

/**
 * A person of whom something is known: somebody whom the graph knows only by name has no profile. Whom only events of others
 * carry has one, as an export of empty profiles and a lookup have it.
 */
export function hasProfile({ fragments, takesPartIn }: PersonFacts): boolean {
  return fragments.length > 0 || takesPartIn.length > 0;
}

/**
 * Ids of the datasets that contribute to a person: those of the fragments, and those of the events that carry the person
 * only where there is no fragment, so that every profile has one.
 */
export function contributingDatasets({ fragments, takesPartIn }: PersonFacts): ReadonlySet<string> {
  return new Set(fragments.length > 0 ? fragments.map(({ datasetId }) => datasetId) : takesPartIn);
}

/**
 * Where a person counts as unstitched: exactly one fragment, or, of people known by events only, exactly one identity.
 *
 * @returns the namespace of the fragment's primary identity, or of the only one; undefined for everybody else.
 */
export function unstitchedNamespace(person: PersonFacts): string | undefined {
  if (!hasProfile(person)) return undefined;
  const { namespaces, fragments } = person;
  const isKnownByEventsOnly = fragments.every(({ kind }) => kind === 'events');
  const isAlone = fragments.length === 1 || (isKnownByEventsOnly && namespaces.length === 1);
  return isAlone ? (fragments[0]?.namespace ?? namespaces[0]) : undefined;
}
