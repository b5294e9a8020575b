import { tenantKey, type Identity, type IdentityEvidence, type Tenant } from '@tessera/contracts';
import {
  ageStepOf,
  linkingRules,
  resolveGraph,
  xidOf,
  builtInNamespaces,
  type GraphLimits,
  type IdentitySettings,
  type IdType,
} from '@tessera/domain';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from '../database.js';
import { ensureIndexes } from '../indexes.js';
import { graphCollections } from './graph-collections.js';
import type { LinkDocument } from './graph-documents.js';
import { IdentityGraphMaintenance } from './identity-graph-maintenance.js';
import { IdentityGraphReader } from './identity-graph-reader.js';
import { MongoIdentityGraphWriter } from './identity-graph-writer.js';
import { IdentitySettingsRepository } from './identity-settings.js';
import type { NamespaceTypes } from './namespace-types.js';

/** Types of the namespaces that the graph tests use. */
export const namespaceTypes: readonly { code: string; idType: IdType }[] = [
  ...builtInNamespaces.map(({ code, idType }) => ({ code: code.toLowerCase(), idType })),
  { code: 'crmid', idType: 'CROSS_DEVICE' },
];

export const knownTypes: NamespaceTypes = {
  typesOf: () => Promise.resolve(new Map(namespaceTypes.map(({ code, idType }) => [code, idType]))),
};

/** Identity graphs in a database of their own. */
export function ownGraph() {
  const uri = testServers().mongodbUri;
  const name = uniqueDatabaseName();
  const database = Database.create({ uri, name });
  const options = { namespaces: knownTypes };
  let tenants = 0;
  return {
    database,
    writer: new MongoIdentityGraphWriter(database, options),
    maintenance: new IdentityGraphMaintenance(database, options),
    settings: new IdentitySettingsRepository(database),
    reader: new IdentityGraphReader(database),
    prepare: () => ensureIndexes(database),
    /** A sandbox nobody else uses. */
    newTenant: (): Tenant => ({ organisation: 'ORG@TesseraOrg', sandbox: `sandbox-${(tenants += 1)}` }),
    close: async () => {
      await database.close();
      await dropTestDatabase(uri, name);
    },
  };
}

/** An identity written as `namespace:id`. */
export function identityOf(tenant: Tenant, text: string): Identity {
  const [namespace = '', id = ''] = text.split(':');
  return { xid: xidOf(tenant, namespace, id), namespace, id };
}

/** What one record that carries these identities (`namespace:id`) said at a time. */
export function recordOf(
  tenant: Tenant,
  identities: readonly string[],
  more: Partial<IdentityEvidence> & { readonly at?: number } = {},
): IdentityEvidence {
  const { at = 1, ...evidence } = more;
  return {
    identities: identities.map((text) => identityOf(tenant, text)),
    links: true,
    datasetId: 'dataset',
    first: at,
    last: at,
    acceptedAt: at,
    ...evidence,
  };
}

/** The people as stored, each as sorted `namespace:id`, from every identity's own document. */
export async function storedPeople(database: Database, tenant: Tenant): Promise<string[][]> {
  const documents = await graphCollections(database)
    .identities.find({ tenant: tenantKey(tenant) })
    .toArray();
  const people = new Map<string, string[]>();
  for (const { _id, clusterId, members, namespace, id } of documents) {
    const roster = members.map((member) => `${member.namespace}:${member.id}`).sort();
    const known = people.get(clusterId) ?? roster;
    if (JSON.stringify(known) !== JSON.stringify(roster)) throw new Error(`members of ${clusterId} disagree`);
    if (!roster.includes(`${namespace}:${id}`)) throw new Error(`${namespace}:${id} is not a member of its cluster`);
    const smallest = members.map(({ xid }) => xid).sort()[0];
    if (smallest !== clusterId) throw new Error(`${clusterId} is not the smallest member of ${_id}'s cluster`);
    people.set(clusterId, roster);
  }
  return [...people.values()].sort(byFirst);
}

/** The people recomputed from nothing but the stored links and the names of the identities. */
export async function recomputedPeople(
  database: Database,
  tenant: Tenant,
  settings: IdentitySettings,
  limits: GraphLimits,
): Promise<string[][]> {
  const { identities, links } = graphCollections(database);
  const documents = await identities
    .find({ tenant: tenantKey(tenant) }, { projection: { namespace: 1, id: 1 } })
    .toArray();
  const names = new Map(documents.map(({ _id, namespace, id }) => [_id, `${namespace}:${id}`]));
  const stored = (await links.find({ tenant: tenantKey(tenant) }).toArray()).map(({ a, b, evidence }) => ({
    a,
    b,
    last: Math.floor(Math.max(...Object.values(evidence).map(({ last }) => last)) / ageStepOf(settings)),
  }));
  const { components } = resolveGraph(
    documents.map(({ _id, namespace }) => ({ xid: _id, namespace })),
    stored,
    linkingRules(settings, namespaceTypes),
    limits,
  );
  const clusters = components.flatMap((component) => component.clusters);
  return clusters.map((members) => members.map((xid) => names.get(xid) ?? xid).sort()).sort(byFirst);
}

/**
 * Everything stored of a graph that does not depend on how often and in which order it was written.
 *
 * @param ageStep milliseconds; times of last assertions are given in such steps.
 */
export async function storedGraph(database: Database, tenant: Tenant, ageStep = 1): Promise<unknown> {
  const { identities, components, links } = graphCollections(database);
  const all = { tenant: tenantKey(tenant) };
  return {
    identities: await identities.find(all).sort({ _id: 1 }).toArray(),
    components: await components
      .find(all, { projection: { version: 0 } })
      .sort({ _id: 1 })
      .toArray(),
    links: sortedEvidence(
      await links
        .find(all, { projection: { contests: 0 } })
        .sort({ _id: 1 })
        .toArray(),
      ageStep,
    ),
  };
}

/** Fields of a document are stored in the order in which they came. */
function sortedEvidence(links: readonly LinkDocument[], ageStep: number) {
  return links.map((link) => ({
    ...link,
    evidence: Object.entries(link.evidence)
      .map(([key, entry]) => [key, { ...entry, last: Math.floor(entry.last / ageStep) }] as const)
      .sort(([one], [two]) => (one < two ? -1 : 1)),
  }));
}

function byFirst(one: readonly string[], other: readonly string[]): number {
  return String(one[0]) < String(other[0]) ? -1 : 1;
}
