import { hash } from 'node:crypto';
import { edgeRules, type MergeRules } from '../merge/merge-rules.js';
import type { PolicySettings } from '../policies/policy-set.js';
import type { ProjectionSet, ReplicationPolicy } from './projection.js';

/** A projection as the edge of one data centre holds it: everything that decides what its copies are. */
export interface EdgeProjection {
  /** Of the configuration. */
  readonly id: string;
  readonly name: string;
  readonly schemaName: string;
  readonly selector: string;
  /** Seconds. */
  readonly ttl: number;
  readonly replicationPolicy: ReplicationPolicy;
  readonly rules: MergeRules;
  /**
   * Changes whenever the configuration, its destination or the rules do. A copy of another generation counts as absent, so
   * no change has to look for the copies it makes invalid.
   */
  readonly generation: string;
}

/** Characters of a generation: 72 bits. */
const GENERATION_LENGTH = 12;

/** What the edge of a data centre is to hold, as a sandbox is configured. */
export function edgeProjections(
  { configurations, destinations }: ProjectionSet,
  policies: readonly PolicySettings[],
  dataCenter: string,
): EdgeProjection[] {
  return configurations.flatMap(({ id, name, schemaName, selector, destinationId, version }) => {
    const destination = destinations.find((candidate) => candidate.id === destinationId);
    if (!destination?.dataCenters.includes(dataCenter)) return [];
    const { graph, attributeMerge } = edgeRules(policies, schemaName);
    const { ttl, replicationPolicy } = destination;
    const decisive = JSON.stringify([id, version, destinationId, destination.version, graph, attributeMerge]);
    const generation = hash('sha256', decisive, 'base64url').slice(0, GENERATION_LENGTH);
    return [{ id, name, schemaName, selector, ttl, replicationPolicy, rules: { graph, attributeMerge }, generation }];
  });
}
