import type { IdentityEvidence, Tenant } from '@tessera/contracts';
import { xidOf } from '@tessera/domain';
import { ensureTopics, Messaging, Producer } from '@tessera/messaging';
import { createLogger } from '@tessera/observability';
import {
  IdentityGraphMaintenance,
  MongoIdentityGraphWriter,
  NamespaceStore,
  RememberedNamespaceTypes,
  type Database,
} from '@tessera/stores';
import { deleteTestTopics, testServers, uniqueTopicPrefix } from '@tessera/testing';

/** The XID of an identity written as `namespace:value`. */
export function xid(tenant: Tenant, identity: string): string {
  const [namespace = '', id = ''] = identity.split(':');
  return xidOf(tenant, namespace, id);
}

/** What one record that carries these identities (`namespace:value`) said at a time. */
export function evidence(
  tenant: Tenant,
  identities: readonly string[],
  more: Partial<IdentityEvidence> & { readonly at?: number } = {},
): IdentityEvidence {
  const { at = 1, ...rest } = more;
  return {
    identities: identities.map((identity) => {
      const [namespace = '', id = ''] = identity.split(':');
      return { xid: xid(tenant, identity), namespace, id };
    }),
    links: true,
    datasetId: 'dataset',
    first: at,
    last: at,
    acceptedAt: at,
    ...rest,
  };
}

/** The identity graph as the merge worker writes it. */
export function graphOf(database: Database) {
  const options = { namespaces: new RememberedNamespaceTypes(new NamespaceStore(database)) };
  return {
    writer: new MongoIdentityGraphWriter(database, options),
    maintenance: new IdentityGraphMaintenance(database, options),
  };
}

/** A connected producer with topics of its own. */
export async function startProducer() {
  const brokers = testServers().kafkaBrokers;
  const topicPrefix = uniqueTopicPrefix();
  const logger = createLogger('gateway', 'silent');
  const messaging = new Messaging({ brokers: brokers.split(','), topicPrefix, clientId: 'test', logger });
  const producer = new Producer(messaging);
  await Promise.all([ensureTopics(messaging, 1, 1), producer.connect()]);
  return {
    messaging,
    producer,
    close: async () => {
      await producer.close();
      await deleteTestTopics(brokers, topicPrefix);
    },
  };
}
