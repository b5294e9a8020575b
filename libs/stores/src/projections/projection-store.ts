import type { Collection } from 'mongodb';
import { tenantKey, UnavailableError, type Tenant } from '@tessera/contracts';
import { emptyProjectionSet, type ProjectionChange, type ProjectionSet } from '@tessera/domain';
import { available, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import type { ProjectionSetDocument } from './projection-document.js';

/** Tries of a change against concurrent ones. Each failed try means that another change came through. */
const MOST_TRIES = 200;

/** What reads need of projections. */
export interface ProjectionReader {
  /** The destinations and configurations of a sandbox, in the order of their creation. */
  find(tenant: Tenant): Promise<ProjectionSet>;
}

/**
 * Keeps destinations and projection configurations. Each change of a sandbox is made from what the one before left, so
 * their rules hold at every moment: unique names, no configuration without its destination.
 */
export class ProjectionStore implements ProjectionReader {
  private readonly sets: Collection<ProjectionSetDocument>;

  constructor(database: Database) {
    this.sets = database.collection('projections');
  }

  async find(tenant: Tenant): Promise<ProjectionSet> {
    const found = await this.read(tenant);
    return found === null ? emptyProjectionSet : setOf(found);
  }

  /**
   * Makes a change in one step that readers see whole or not at all.
   *
   * @param decide makes the change from what is current; called again when another change came between.
   * @returns what `decide` said last.
   */
  async change<Subject>(
    tenant: Tenant,
    decide: (set: ProjectionSet) => ProjectionChange<Subject>,
  ): Promise<ProjectionChange<Subject>> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const stored = await this.read(tenant);
      const change = decide(stored === null ? emptyProjectionSet : setOf(stored));
      if (change.kind === 'refused' || (await this.write(tenant, stored?.revision, change.set))) return change;
    }
    throw new UnavailableError('mongodb', new Error(`${MOST_TRIES} concurrent changes of projections came first`));
  }

  private read(tenant: Tenant): Promise<ProjectionSetDocument | null> {
    const key = tenantKey(tenant);
    return available(this.sets.findOne({ _id: key, tenant: key }));
  }

  /** @returns whether nobody else wrote since `revision`, which is undefined where nothing was stored. */
  private async write(tenant: Tenant, revision: number | undefined, set: ProjectionSet): Promise<boolean> {
    const key = tenantKey(tenant);
    const content = { destinations: set.destinations, configurations: set.configurations };
    if (revision === undefined) {
      const document = { _id: key, tenant: key, revision: 1, ...content };
      return (await unorderedBulk(this.sets, [{ insertOne: { document } }])).length === 0;
    }
    const update = { $set: { ...content, revision: revision + 1 } };
    const { matchedCount } = await available(this.sets.updateOne({ _id: key, tenant: key, revision }, update));
    return matchedCount === 1;
  }
}

/** Out of a document as stored. */
function setOf({ destinations, configurations }: ProjectionSetDocument): ProjectionSet {
  return { destinations, configurations };
}
