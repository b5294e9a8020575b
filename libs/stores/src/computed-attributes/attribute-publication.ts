import type { ClientSession, Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import type { Database } from '../database.js';
import { newSessions, TransactionRunner } from '../identity-graph/transaction-runner.js';
import type { Job } from '../jobs/job.js';
import { JobStore } from '../jobs/job-store.js';
import { activeStatuses, type ComputedAttribute, type ComputedAttributeStatus } from './computed-attribute.js';
import {
  fromAttributeDocument,
  toAttributeDocument,
  type ComputedAttributeDocument,
} from './computed-attribute-document.js';
import type { AttributeChange } from './computed-attribute-store.js';

/** Attributes of one sandbox that events are counted for (spec 11, "Meaning"). */
export const MOST_ACTIVE_ATTRIBUTES = 100;

/** Who has an attribute published. */
export interface PublicationOrder {
  /** Client id. */
  readonly requestedBy: string;
  readonly requestId: string;
}

/**
 * The published attribute with the job that evaluates it; why it was not published; or undefined where there is no such
 * attribute, or its state is another by now.
 */
export type Publication =
  { readonly attribute: ComputedAttribute; readonly job: Job } | 'name-taken' | 'no-room' | undefined;

/** Written by each publication, so that of several at once one is done after the other. */
interface PublicationsDocument {
  readonly _id: string;
  readonly tenant: string;
  readonly count: number;
}

/**
 * Publishes attributes. That there is room, the attribute's state and the job that evaluates it are one step: there are
 * never more active ones than may be, and no published one is without its job, whose command a sweeper publishes where
 * nobody else did.
 */
export class AttributePublication {
  private readonly attributes: Collection<ComputedAttributeDocument>;
  private readonly publications: Collection<PublicationsDocument>;
  private readonly jobs: JobStore;
  private readonly runner: TransactionRunner;

  constructor(
    database: Database,
    private readonly most = MOST_ACTIVE_ATTRIBUTES,
  ) {
    this.attributes = database.collection('computed_attributes');
    this.publications = database.collection('computed_attribute_publications');
    this.jobs = new JobStore(database);
    this.runner = new TransactionRunner(newSessions(database.client), { concurrency: 1 });
  }

  /** Keeps a new attribute and publishes it. @throws UnavailableError */
  insert(attribute: ComputedAttribute, order: PublicationOrder): Promise<Publication> {
    return this.within(attribute.tenant, async (session) => {
      const { _id, tenant, ...rest } = toAttributeDocument({ ...attribute, status: 'NEW' });
      const known = await this.attributes.findOne({ _id, tenant }, { session });
      if (!known) {
        if (await this.isTaken(tenant, rest.name, _id, session)) return 'name-taken';
        if (!(await this.hasRoom(tenant, session))) return 'no-room';
        await this.attributes.insertOne({ _id, tenant, ...rest }, { session });
      }
      return this.withJob({ ...attribute, status: 'NEW' }, order, session);
    });
  }

  /**
   * Changes an attribute that is still in one of some states, and publishes it, anew where it was published before.
   *
   * @throws UnavailableError
   */
  change(
    tenant: Tenant,
    id: string,
    from: readonly ComputedAttributeStatus[],
    change: AttributeChange,
    order: PublicationOrder,
  ): Promise<Publication> {
    return this.within(tenant, async (session) => {
      const own = { _id: id, tenant: tenantKey(tenant) };
      const current = await this.attributes.findOne(own, { session });
      // The answer to a commit was lost, and this is what it did.
      const isDone = current?.status === 'NEW' && current.updatedAt === change.updatedAt;
      if (!current || !(isDone || from.includes(current.status))) return undefined;
      if (await this.isTaken(own.tenant, change.name ?? current.name, id, session)) return 'name-taken';
      const needsRoom = !activeStatuses.includes(current.status);
      if (needsRoom && !(await this.hasRoom(own.tenant, session))) return 'no-room';
      const after = { ...current, ...change, status: 'NEW' as const };
      const { _id, ...fields } = after;
      await this.attributes.replaceOne(own, fields, { session });
      return this.withJob(fromAttributeDocument(tenant, { _id, ...fields }), order, session);
    });
  }

  private async within(tenant: Tenant, work: (session: ClientSession) => Promise<Publication>): Promise<Publication> {
    const key = tenantKey(tenant);
    const { results } = await this.runner.run([[tenant]], async (_tasks, session) => {
      const update = { $inc: { count: 1 }, $setOnInsert: { tenant: key } };
      await this.publications.updateOne({ _id: key }, update, { session, upsert: true });
      return work(session);
    });
    return results[0];
  }

  private async isTaken(tenant: string, name: string, id: string, session: ClientSession): Promise<boolean> {
    const filter = { tenant, name: { $eq: name }, _id: { $ne: id } };
    return (await this.attributes.findOne(filter, { session, projection: { _id: 1 } })) !== null;
  }

  private async hasRoom(tenant: string, session: ClientSession): Promise<boolean> {
    const filter = { tenant, status: { $in: [...activeStatuses] } };
    return (await this.attributes.countDocuments(filter, { session, limit: this.most })) < this.most;
  }

  /** The id of the job is that of what is counted: what is published twice is evaluated once. */
  private async withJob(
    attribute: ComputedAttribute,
    order: PublicationOrder,
    session: ClientSession,
  ): Promise<Publication> {
    const { tenant, id, countedAs, updatedAt } = attribute;
    const job =
      (await this.jobs.find(tenant, countedAs, session)) ??
      (await this.jobs.insert(
        tenant,
        {
          ...order,
          id: countedAs,
          type: 'EVALUATE_COMPUTED_ATTRIBUTE',
          properties: { attributeId: id },
          createdAt: updatedAt,
        },
        { session },
      ));
    return { attribute, job };
  }
}
