import { randomUUID } from 'node:crypto';
import { tenantKey, type JsonObject, type Tenant } from '@tessera/contracts';
import {
  versionOf,
  withNewConfiguration,
  withNewDestination,
  withNewPolicy,
  xidOf,
  type DestinationSettings,
  type PolicySettings,
} from '@tessera/domain';
import { EdgeCopies } from '@tessera/edge-store';
import { PqlProgram } from '@tessera/pql';
import {
  AttributePrograms,
  ComputedAttributeReader,
  ComputedAttributeStore,
  Database,
  ensureIndexes,
  EventWriter,
  FiguresCalculator,
  FiguresMarks,
  FragmentWriter,
  IdentityGraphMaintenance,
  MergePolicyStore,
  MongoIdentityGraphWriter,
  NamespaceStore,
  PeopleSnapshots,
  ProjectionStore,
  RememberedNamespaceTypes,
} from '@tessera/stores';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { EdgeFeeder } from './edge-feeder.js';

const profileSchema = '_xdm.context.profile';

/** People, their projections and two edges, on a real MongoDB and Redis, with a database and keys of their own. */
export async function startProjectedPeople() {
  const { mongodbUri: uri, redisUrl } = testServers();
  const name = uniqueDatabaseName();
  const database = Database.create({ uri, name });
  await ensureIndexes(database);
  const redisPrefix = `${name}-`;
  const edges = ['OR1', 'VA5'].map((dataCenter) => new EdgeCopies({ redisUrl, redisPrefix, dataCenter }));
  await Promise.all(edges.map((edge) => edge.connect()));
  const options = { namespaces: new RememberedNamespaceTypes(new NamespaceStore(database)) };
  const [graph, maintenance] = [
    new MongoIdentityGraphWriter(database, options),
    new IdentityGraphMaintenance(database, options),
  ];
  const [fragments, projections, policies] = [
    new FragmentWriter(database),
    new ProjectionStore(database),
    new MergePolicyStore(database),
  ];
  const snapshots = new PeopleSnapshots(database);
  const [or1, va5] = edges as [EdgeCopies, EdgeCopies];
  let count = 0;
  const xid = (tenant: Tenant, text: string) => {
    const [namespace = '', id = ''] = text.split(':');
    return xidOf(tenant, namespace, id);
  };
  const identity = (tenant: Tenant, text: string) => {
    const [namespace = '', id = ''] = text.split(':');
    return { xid: xid(tenant, text), namespace, id };
  };
  return {
    database,
    redisPrefix,
    snapshots,
    projections,
    policies,
    or1,
    va5,
    feeder: new EdgeFeeder(snapshots, edges, { reader: new ComputedAttributeReader(database), tenantName: 'acme' }),
    xid,
    newTenant: (): Tenant => ({ organisation: 'O@TesseraOrg', sandbox: `sandbox-${(count += 1)}` }),
    /** What a record says of an identity, each written `namespace:value`; the later call is the newer record. */
    record: async (tenant: Tenant, of: string, body: JsonObject, datasetId = 'dataset') => {
      const age = (count += 1);
      const version = versionOf(age, { acceptedAt: age, position: String(age).padStart(12, '0') });
      const write = { datasetId, xid: xid(tenant, of), age, version, acceptedAt: age, body: JSON.stringify(body) };
      await fragments.apply(tenant, [write]);
    },
    /** @returns the XIDs of everybody who changed. */
    see: async (tenant: Tenant, identities: readonly string[], datasetId = 'dataset'): Promise<string[]> => {
      const at = (count += 1);
      const seen = identities.map((one) => identity(tenant, one));
      const evidence = { identities: seen, links: true, datasetId, first: at, last: at, acceptedAt: at };
      return changed((await graph.apply(tenant, [evidence])).changes);
    },
    /** Takes back what a dataset said about who belongs together. @returns the XIDs of everybody who changed. */
    withdraw: async (tenant: Tenant, datasetId: string): Promise<string[]> => {
      const xids: string[] = [];
      for await (const { changes } of maintenance.removeEvidence(tenant, { datasetId }, (count += 1))) {
        xids.push(...changed(changes));
      }
      return xids;
    },
    /** Has an identity vanish that nothing speaks of, as the end of a deletion does. */
    vanish: async (tenant: Tenant, of: string) => {
      const identities = database.collection<{ readonly _id: string; readonly tenant: string }>('identities');
      await identities.deleteOne({ _id: xid(tenant, of), tenant: tenantKey(tenant) });
    },
    /** Publishes an attribute computed over the last day. */
    computed: async (tenant: Tenant, name: string, expression: string) => {
      const { mergeFunction, xdmType } = new PqlProgram(expression);
      const at = Date.now();
      await new ComputedAttributeStore(database).insert({
        id: randomUUID(),
        tenant,
        name,
        displayName: name,
        description: '',
        createdBy: 'test',
        expression,
        countedAs: randomUUID(),
        duration: { count: 7, unit: 'DAYS' },
        status: 'PROCESSED',
        mergeFunction,
        xdmType,
        keepCurrent: false,
        createdAt: at,
        updatedAt: at,
      });
    },
    /** An event of an identity that happened just now. */
    event: async (tenant: Tenant, of: string, body: JsonObject, expireAt?: Date) => {
      const [time, id] = [Date.now() - 1_000, String((count += 1))];
      const write = { datasetId: `${tenant.sandbox}-events`, eventId: id, xids: [xid(tenant, of)], time, order: id };
      const text = JSON.stringify({ ...body, timestamp: new Date(time).toISOString() });
      await new EventWriter(database).apply(tenant, [
        { ...write, acceptedAt: time, body: text, ...(expireAt && { expireAt }) },
      ]);
      const { datasetId, xids } = write;
      const day = time - (time % 86_400_000);
      const ids = await new FiguresMarks(database).mark(tenant, [{ datasetId, xids, day }]);
      const attributes = new ComputedAttributeStore(database);
      await new FiguresCalculator(database, attributes, new AttributePrograms()).calculate(tenant, ids);
    },
    /** A configuration with a destination of its own. @returns the id of each. */
    project: async (tenant: Tenant, name: string, selector: string, settings: Partial<DestinationSettings> = {}) => {
      const [destinationId, id] = [randomUUID(), randomUUID()];
      const destination: DestinationSettings = {
        type: 'EDGE',
        dataCenters: ['OR1'],
        ttl: 3_600,
        replicationPolicy: 'PROACTIVE',
        ...settings,
      };
      await projections.change(tenant, (set) => withNewDestination(set, destinationId, destination));
      await projections.change(tenant, (set) =>
        withNewConfiguration(set, { id, schemaName: profileSchema }, { name, selector, destinationId }),
      );
      return { id, destinationId };
    },
    policy: async (tenant: Tenant, settings: Partial<PolicySettings>): Promise<string> => {
      const whole: PolicySettings = {
        name: 'a policy',
        schema: { name: profileSchema },
        identityGraph: { type: 'pdg' },
        attributeMerge: { type: 'timestampOrdered' },
        isActiveOnEdge: false,
        default: false,
        ...settings,
      };
      const id = randomUUID();
      await policies.change(tenant, (known) => withNewPolicy(known, tenant, whole, { id, updateEpoch: 0 }));
      return id;
    },
    /** The entity that an edge holds. */
    held: async (tenant: Tenant, of: string, projectionId: string, edge = or1): Promise<JsonObject | undefined> => {
      const copy = await edge.find(tenant, xid(tenant, of), projectionId);
      return copy && (JSON.parse(copy.body) as JsonObject);
    },
    close: async () => {
      for (const edge of edges) edge.close();
      await database.close();
      await dropTestDatabase(uri, name);
    },
  };
}

export type ProjectedPeople = Awaited<ReturnType<typeof startProjectedPeople>>;

function changed(changes: readonly { readonly members: readonly string[]; readonly replaced: readonly string[] }[]) {
  return changes.flatMap(({ members, replaced }) => [...members, ...replaced]);
}
