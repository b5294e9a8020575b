import type { AnyBulkWriteOperation, ClientSession, Collection, Document } from 'mongodb';
import { BY_ID } from '../bulk.js';
import type { GraphCollections } from './graph-collections.js';
import type { ComponentDocument, IdentityDocument, LinkDocument } from './graph-documents.js';
import type { Neighbourhood } from './graph-neighbourhood.js';
import type { GroupPlan } from './graph-plan.js';
import { narrowEvidence, widenEvidence } from './link-update.js';

/**
 * Carries out plans, in one bulk write per collection. Every component concerned is written, changed or not, so that
 * whoever else works on it at the same time conflicts with this.
 *
 * @param storedLinks ids of those links to be widened that are stored already.
 * @param rules version of the settings that the plans follow.
 */
export async function writePlans(
  collections: GraphCollections,
  tenant: string,
  plans: readonly GroupPlan[],
  neighbourhood: Neighbourhood,
  storedLinks: ReadonlySet<string>,
  rules: number,
  session: ClientSession,
): Promise<void> {
  const write = async <T extends Document>(collection: Collection<T>, operations: AnyBulkWriteOperation<T>[]) => {
    if (operations.length > 0) await collection.bulkWrite(operations, { session, ordered: false });
  };
  await write(collections.components, componentWrites(tenant, plans, rules));
  await write(collections.identities, identityWrites(tenant, plans, neighbourhood));
  await write(collections.links, linkWrites(tenant, plans, storedLinks));
}

/** Inserting costs a fraction of an upsert, so what exists and what does not are told apart. */
function componentWrites(
  tenant: string,
  plans: readonly GroupPlan[],
  rules: number,
): AnyBulkWriteOperation<ComponentDocument>[] {
  const operations: AnyBulkWriteOperation<ComponentDocument>[] = [];
  const obsolete: string[] = [];
  for (const { components, formerComponents } of plans) {
    const current = components.filter(({ members }) => members.length > 1);
    for (const { id, members, contested } of current) {
      const content = { members, contested, rules };
      operations.push(
        formerComponents.has(id)
          ? {
              updateOne: {
                filter: { _id: id, tenant },
                update: { $set: content, $inc: { version: 1 } },
                hint: BY_ID,
              },
            }
          : { insertOne: { document: { _id: id, tenant, ...content, version: 1 } } },
      );
    }
    const ids = new Set(current.map(({ id }) => id));
    for (const former of formerComponents) if (!ids.has(former)) obsolete.push(former);
  }
  return [...operations, ...deletion<ComponentDocument>(tenant, obsolete)];
}

function identityWrites(
  tenant: string,
  plans: readonly GroupPlan[],
  { identities, places }: Neighbourhood,
): AnyBulkWriteOperation<IdentityDocument>[] {
  const operations: AnyBulkWriteOperation<IdentityDocument>[] = [];
  const rosters = new Map<readonly string[], IdentityDocument['members']>();
  for (const [xid, { members: xids, ...place }] of plans.flatMap(({ moved }) => [...moved])) {
    const identity = identities.get(xid);
    if (!identity) continue;
    let members = rosters.get(xids);
    if (!members) rosters.set(xids, (members = xids.flatMap((member) => identities.get(member) ?? [])));
    if (places.has(xid)) {
      const update = { $set: { ...place, members } };
      operations.push({ updateOne: { filter: { _id: xid, tenant }, update, hint: BY_ID } });
    } else {
      const { namespace, id } = identity;
      operations.push({ insertOne: { document: { _id: xid, tenant, namespace, id, ...place, members } } });
    }
  }
  return operations;
}

function linkWrites(
  tenant: string,
  plans: readonly GroupPlan[],
  stored: ReadonlySet<string>,
): AnyBulkWriteOperation<LinkDocument>[] {
  const operations: AnyBulkWriteOperation<LinkDocument>[] = [];
  for (const link of plans.flatMap((plan) => plan.linksToWiden)) {
    const { id, a, b, evidence } = link;
    operations.push(
      stored.has(id)
        ? { updateOne: { filter: { _id: id, tenant }, update: widenEvidence(link), hint: BY_ID } }
        : { insertOne: { document: { _id: id, tenant, a, b, evidence: Object.fromEntries(evidence) } } },
    );
  }
  for (const { id, withdrawn } of plans.flatMap((plan) => plan.linksToNarrow)) {
    operations.push({ updateOne: { filter: { _id: id, tenant }, update: narrowEvidence(withdrawn), hint: BY_ID } });
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
