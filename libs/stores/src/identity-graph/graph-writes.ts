import type { AnyBulkWriteOperation, ClientSession, Collection, Document } from 'mongodb';
import type { GraphCollections } from './graph-collections.js';
import type { ComponentDocument, IdentityDocument, LinkDocument } from './graph-documents.js';
import type { Neighbourhood } from './graph-neighbourhood.js';
import type { GroupPlan } from './graph-plan.js';
import { narrowEvidence, widenEvidence } from './link-update.js';

/**
 * Carries out plans, in one bulk write per collection. Every component concerned is written, changed or not, so that
 * whoever else works on it at the same time conflicts with this.
 *
 * @param rules version of the settings that the plans follow.
 * @param forgotten XIDs whose identities go.
 */
export async function writePlans(
  collections: GraphCollections,
  tenant: string,
  plans: readonly GroupPlan[],
  neighbourhood: Neighbourhood,
  rules: number,
  forgotten: ReadonlySet<string>,
  session: ClientSession,
): Promise<void> {
  const write = async <T extends Document>(collection: Collection<T>, operations: AnyBulkWriteOperation<T>[]) => {
    if (operations.length > 0) await collection.bulkWrite(operations, { session, ordered: false });
  };
  await write(collections.components, componentWrites(tenant, plans, rules));
  await write(collections.identities, identityWrites(tenant, plans, neighbourhood, forgotten));
  await write(collections.links, linkWrites(tenant, plans));
}

function componentWrites(
  tenant: string,
  plans: readonly GroupPlan[],
  rules: number,
): AnyBulkWriteOperation<ComponentDocument>[] {
  const current = plans.flatMap(({ components }) => components).filter(({ members }) => members.length > 1);
  const operations: AnyBulkWriteOperation<ComponentDocument>[] = current.map(({ id, members, contested }) => ({
    updateOne: {
      filter: { _id: id, tenant },
      update: { $set: { members, contested, rules }, $inc: { version: 1 } },
      upsert: true,
    },
  }));
  return [
    ...operations,
    ...deletion<ComponentDocument>(
      tenant,
      plans.flatMap((plan) => plan.componentsToDelete),
    ),
  ];
}

function identityWrites(
  tenant: string,
  plans: readonly GroupPlan[],
  { identities, places }: Neighbourhood,
  forgotten: ReadonlySet<string>,
): AnyBulkWriteOperation<IdentityDocument>[] {
  const operations: AnyBulkWriteOperation<IdentityDocument>[] = [];
  const rosters = new Map<readonly string[], IdentityDocument['members']>();
  for (const [xid, { members: xids, ...place }] of plans.flatMap(({ moved }) => [...moved])) {
    const identity = identities.get(xid);
    if (!identity || forgotten.has(xid)) continue;
    let members = rosters.get(xids);
    if (!members) rosters.set(xids, (members = xids.flatMap((member) => identities.get(member) ?? [])));
    if (places.has(xid)) {
      operations.push({ updateOne: { filter: { _id: xid, tenant }, update: { $set: { ...place, members } } } });
    } else {
      const { namespace, id } = identity;
      operations.push({ insertOne: { document: { _id: xid, tenant, namespace, id, ...place, members } } });
    }
  }
  return [...operations, ...deletion<IdentityDocument>(tenant, [...forgotten])];
}

function linkWrites(tenant: string, plans: readonly GroupPlan[]): AnyBulkWriteOperation<LinkDocument>[] {
  const operations: AnyBulkWriteOperation<LinkDocument>[] = [];
  for (const link of plans.flatMap((plan) => plan.linksToWiden)) {
    const { id, a, b } = link;
    const update = { ...widenEvidence(link), $setOnInsert: { a, b } };
    operations.push({ updateOne: { filter: { _id: id, tenant }, update, upsert: true } });
  }
  for (const { id, withdrawn } of plans.flatMap((plan) => plan.linksToNarrow)) {
    operations.push({ updateOne: { filter: { _id: id, tenant }, update: narrowEvidence(withdrawn) } });
  }
  const contested = plans.flatMap((plan) => plan.linksToContest);
  if (contested.length > 0) {
    operations.push({
      updateMany: { filter: { tenant, _id: { $in: contested } }, update: { $inc: { contests: 1 } } },
    });
  }
  return [
    ...operations,
    ...deletion<LinkDocument>(
      tenant,
      plans.flatMap((plan) => plan.linksToDelete),
    ),
  ];
}

/** The cast holds for every collection here: ids are strings and each document has its tenant. */
function deletion<T extends Document>(tenant: string, ids: readonly string[]): AnyBulkWriteOperation<T>[] {
  if (ids.length === 0) return [];
  return [{ deleteMany: { filter: { tenant, _id: { $in: ids } } } } as unknown as AnyBulkWriteOperation<T>];
}
