import type { ClientSession } from 'mongodb';
import type { Identity } from '@tessera/contracts';
import { BY_ID } from '../bulk.js';
import type { GraphCollections } from './graph-collections.js';
import type { IdentityDocument } from './graph-documents.js';

/** Where an identity is stored to belong. */
export interface Place {
  readonly componentId: string;
  readonly clusterId: string;
  /** XIDs of the cluster, sorted. */
  readonly members: readonly string[];
  readonly contested: boolean;
}

/** Some identities and everyone in their components. */
export interface Neighbourhood {
  readonly identities: Map<string, Identity>;
  /** By XID; an identity that is not stored has none. */
  readonly places: Map<string, Place>;
}

/**
 * Reads the components that some identities belong to. An uncontested component is its one cluster, which any of its
 * identities names; of a contested one every identity is read.
 */
export async function readNeighbourhood(
  { identities, components }: GraphCollections,
  tenant: string,
  xids: readonly string[],
  session: ClientSession,
): Promise<Neighbourhood> {
  const neighbourhood: Neighbourhood = { identities: new Map(), places: new Map() };
  const read = async (wanted: readonly string[]): Promise<IdentityDocument[]> => {
    if (wanted.length === 0) return [];
    const documents = await identities
      .find({ tenant, _id: { $in: [...wanted] } }, { session, hint: BY_ID, batchSize: wanted.length + 1 })
      .toArray();
    for (const document of documents) add(document, neighbourhood);
    return documents;
  };
  const contested = new Set<string>();
  for (const document of await read(xids)) {
    if (document.contested) contested.add(document.componentId);
  }
  if (contested.size === 0) return neighbourhood;
  const whole = await components.find({ tenant, _id: { $in: [...contested] } }, { session }).toArray();
  await read(whole.flatMap(({ members }) => members).filter((xid) => !neighbourhood.places.has(xid)));
  return neighbourhood;
}

function add(document: IdentityDocument, { identities, places }: Neighbourhood): void {
  const { _id: xid, namespace, id, componentId, clusterId, contested } = document;
  if (places.has(xid)) return;
  const place: Place = { componentId, clusterId, contested, members: document.members.map((member) => member.xid) };
  identities.set(xid, { xid, namespace, id });
  places.set(xid, place);
  if (contested) return;
  for (const member of document.members) {
    identities.set(member.xid, member);
    places.set(member.xid, place);
  }
}
