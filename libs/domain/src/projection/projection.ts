/** How copies get to an edge: pushed with every change, or filled at the first request and kept fresh from then on. */
export const replicationPolicies = ['PROACTIVE', 'REACTIVE'] as const;
export type ReplicationPolicy = (typeof replicationPolicies)[number];

/** Seconds an edge keeps a copy (spec 10-projections, "Destinations"). */
export const projectionTtl = { minimum: 600, maximum: 604_800, default: 3_600 } as const;

/** Where projections are held, and for how long (spec 10-projections). */
export interface ProjectionDestination {
  readonly id: string;
  readonly type: 'EDGE';
  readonly dataCenters: readonly string[];
  /** Seconds. */
  readonly ttl: number;
  readonly replicationPolicy: ReplicationPolicy;
  /** Starts at 1; every change raises it by one. */
  readonly version: number;
}

/** What part of the merged profile is held at a destination (spec 10-projections). */
export interface ProjectionConfiguration {
  readonly id: string;
  readonly schemaName: string;
  /** Unique among those of one schema. */
  readonly name: string;
  /** As written; valid. */
  readonly selector: string;
  readonly destinationId: string;
  /** Starts at 1; every change raises it by one. */
  readonly version: number;
}

/** All destinations and configurations of one sandbox. */
export interface ProjectionSet {
  readonly destinations: readonly ProjectionDestination[];
  readonly configurations: readonly ProjectionConfiguration[];
}

export const emptyProjectionSet: ProjectionSet = { destinations: [], configurations: [] };
