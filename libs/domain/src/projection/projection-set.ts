import type { ProjectionConfiguration, ProjectionDestination, ProjectionSet } from './projection.js';

/** Destinations, and configurations, that a sandbox may have: they are read with every change of a person. */
export const MOST_PROJECTIONS = 100;

/** What a user decides about a destination, or a configuration; the rest is the platform's. */
export type DestinationSettings = Omit<ProjectionDestination, 'id' | 'version'>;
export type ConfigurationSettings = Omit<ProjectionConfiguration, 'id' | 'version' | 'schemaName'>;

export type ProjectionRefusal =
  | 'unknown-destination'
  | 'unknown-configuration'
  /** The version that the change was made from is not the current one any more. */
  | 'stale-version'
  | 'name-taken'
  /** A configuration names a destination that is not there. */
  | 'destination-missing'
  | 'destination-in-use'
  | 'too-many';

/** The set after a change, and what the change was about, as it is after it or was before its removal. */
export type ProjectionChange<Subject> =
  | { readonly kind: 'changed'; readonly set: ProjectionSet; readonly subject: Subject }
  | { readonly kind: 'refused'; readonly reason: ProjectionRefusal };

type DestinationChange = ProjectionChange<ProjectionDestination>;
type ConfigurationChange = ProjectionChange<ProjectionConfiguration>;

const refused = (reason: ProjectionRefusal) => ({ kind: 'refused', reason }) as const;

export function withNewDestination(set: ProjectionSet, id: string, settings: DestinationSettings): DestinationChange {
  if (set.destinations.length >= MOST_PROJECTIONS) return refused('too-many');
  const subject: ProjectionDestination = { id, ...settings, version: 1 };
  return { kind: 'changed', set: { ...set, destinations: [...set.destinations, subject] }, subject };
}

/** @param version of the destination that the change was made from. */
export function withChangedDestination(
  set: ProjectionSet,
  id: string,
  version: number,
  settings: DestinationSettings,
): DestinationChange {
  const current = set.destinations.find((destination) => destination.id === id);
  if (current === undefined) return refused('unknown-destination');
  if (current.version !== version) return refused('stale-version');
  const subject: ProjectionDestination = { id, ...settings, version: version + 1 };
  return { kind: 'changed', set: { ...set, destinations: replaced(set.destinations, subject) }, subject };
}

/** Refused while a configuration uses the destination. */
export function withoutDestination(set: ProjectionSet, id: string): DestinationChange {
  const subject = set.destinations.find((destination) => destination.id === id);
  if (subject === undefined) return refused('unknown-destination');
  if (set.configurations.some(({ destinationId }) => destinationId === id)) return refused('destination-in-use');
  const destinations = set.destinations.filter((destination) => destination !== subject);
  return { kind: 'changed', set: { ...set, destinations }, subject };
}

export function withNewConfiguration(
  set: ProjectionSet,
  { id, schemaName }: Pick<ProjectionConfiguration, 'id' | 'schemaName'>,
  settings: ConfigurationSettings,
): ConfigurationChange {
  if (set.configurations.length >= MOST_PROJECTIONS) return refused('too-many');
  const subject: ProjectionConfiguration = { id, schemaName, ...settings, version: 1 };
  const fault = faultOf(set, subject);
  if (fault !== undefined) return refused(fault);
  return { kind: 'changed', set: { ...set, configurations: [...set.configurations, subject] }, subject };
}

/** @param version of the configuration that the change was made from. */
export function withChangedConfiguration(
  set: ProjectionSet,
  id: string,
  version: number,
  settings: ConfigurationSettings,
): ConfigurationChange {
  const current = set.configurations.find((configuration) => configuration.id === id);
  if (current === undefined) return refused('unknown-configuration');
  if (current.version !== version) return refused('stale-version');
  const { schemaName } = current;
  const subject: ProjectionConfiguration = { id, schemaName, ...settings, version: version + 1 };
  const fault = faultOf(set, subject);
  if (fault !== undefined) return refused(fault);
  return { kind: 'changed', set: { ...set, configurations: replaced(set.configurations, subject) }, subject };
}

export function withoutConfiguration(set: ProjectionSet, id: string): ConfigurationChange {
  const subject = set.configurations.find((configuration) => configuration.id === id);
  if (subject === undefined) return refused('unknown-configuration');
  const configurations = set.configurations.filter((configuration) => configuration !== subject);
  return { kind: 'changed', set: { ...set, configurations }, subject };
}

function faultOf(set: ProjectionSet, { id, schemaName, name, destinationId }: ProjectionConfiguration) {
  if (!set.destinations.some((destination) => destination.id === destinationId)) return 'destination-missing';
  const isTaken = set.configurations.some(
    (other) => other.id !== id && other.schemaName === schemaName && other.name === name,
  );
  return isTaken ? 'name-taken' : undefined;
}

function replaced<Item extends { readonly id: string }>(items: readonly Item[], item: Item): Item[] {
  return items.map((other) => (other.id === item.id ? item : other));
}
