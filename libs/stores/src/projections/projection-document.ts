import type { ProjectionConfiguration, ProjectionDestination } from '@tessera/domain';
import type { IndexDefinition } from '../indexes.js';

/** The index that every collection has: naming it creates the collection, without which nothing can be read at a snapshot. */
export const projectionIndexes: readonly IndexDefinition[] = [{ collection: 'projections', key: { _id: 1 } }];

/**
 * All destinations and projection configurations of one sandbox, in one document: there are few, their rules concern each
 * other (a destination in use stays), and whoever projects a person reads all of them.
 */
export interface ProjectionSetDocument {
  /** `tenantKey`. */
  readonly _id: string;
  readonly tenant: string;
  /** Raised by every write, which also names the one it was made from. */
  readonly revision: number;
  readonly destinations: readonly ProjectionDestination[];
  readonly configurations: readonly ProjectionConfiguration[];
}
