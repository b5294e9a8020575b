import type { ProjectionConfiguration, ProjectionDestination } from '@tessera/domain';

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
