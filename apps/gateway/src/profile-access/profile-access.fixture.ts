import type { Identity, JsonObject, Tenant } from '@tessera/contracts';
import {
  acceptanceOrder,
  versionOf,
  withChangedPolicy,
  withNewPolicy,
  xidOf,
  type IdentityGraphType,
  type IdType,
  type MergePolicy,
  type PolicySettings,
} from '@tessera/domain';
import {
  EventWriter,
  FragmentWriter,
  MergePolicyStore,
  MongoIdentityGraphWriter,
  type Database,
  type EventWrite,
} from '@tessera/stores';
import { startTestApplication, type Answer, type Call } from '../fixtures/application.fixture.js';
import { ProfileAccessModule, type ProfileAccessParts } from './profile-access.module.js';

export const base = '/data/core/ups/access/entities';
export const profile = '_xdm.context.profile';
export const experienceEvent = '_xdm.context.experienceevent';

export interface ProfileBody {
  readonly entityId: string;
  readonly requestedIdentity?: { readonly entityId: string; readonly entityIdNS?: { readonly code: string } };
  readonly mergePolicy?: { readonly id: string };
  readonly sources: readonly string[];
  readonly identityGraph?: readonly string[];
  readonly entity: JsonObject;
  readonly lastModifiedAt: string;
}

export interface EventsBody {
  readonly _page: { readonly orderby: string; readonly start: string; readonly count: number; readonly next: string };
  readonly children: readonly {
    readonly relatedEntityId: string;
    readonly entityId: string;
    readonly timestamp: number;
    readonly entity: JsonObject;
    readonly lastModifiedAt: string;
  }[];
  readonly _links: { readonly next: { readonly href: string; readonly payload?: object } };
}

/** A record about an identity, written `namespace:id`. */
export interface TestRecord {
  readonly of: string;
  readonly datasetId?: string;
  /** Epoch ms. */
  readonly age?: number;
  readonly schema?: string;
  /** Absent: the record is deleted. */
  readonly body?: JsonObject;
}

export interface TestEvent {
  /** Identities, written `namespace:id`. */
  readonly of: readonly string[];
  readonly id: string;
  readonly time: number;
  readonly datasetId?: string;
  readonly body?: JsonObject;
}

/** Profile access over data put straight into the stores. */
export interface AccessApplication {
  readonly database: Database;
  newTenant(): Tenant;
  get<Body = Record<string, ProfileBody>>(
    tenant: Tenant,
    query: Readonly<Record<string, string | number | readonly string[]>>,
    call?: Call,
  ): Promise<Answer<Body>>;
  /** What comes behind a `href` of an answer. */
  follow<Body>(tenant: Tenant, href: string): Promise<Answer<Body>>;
  post<Body = Record<string, ProfileBody>>(tenant: Tenant, body: unknown): Promise<Answer<Body>>;
  records(tenant: Tenant, records: readonly TestRecord[]): Promise<void>;
  events(tenant: Tenant, events: readonly TestEvent[]): Promise<void>;
  /** Says that the identities, each written `namespace:id`, are one person; a single one is merely seen. */
  link(tenant: Tenant, ...identities: readonly string[]): Promise<void>;
  /** Adds a merge policy and gives its id. */
  policy(tenant: Tenant, policy: Pick<PolicySettings, 'identityGraph' | 'attributeMerge'>): Promise<string>;
  /** Changes the graph of the sandbox's default policy. */
  defaultGraph(tenant: Tenant, type: IdentityGraphType): Promise<void>;
  close(): Promise<void>;
}

const types = new Map<string, IdType>([
  ['email', 'EMAIL'],
  ['ecid', 'COOKIE'],
  ['crm', 'CROSS_DEVICE'],
]);

export function identityOf(tenant: Tenant, text: string): Identity {
  const [namespace = '', id = ''] = text.split(':');
  return { xid: xidOf(tenant, namespace, id), namespace, id };
}

export async function startAccessApplication(
  maxIdentities = 50,
  more: Pick<ProfileAccessParts, 'maxRequestedIdentities'> = {},
): Promise<AccessApplication> {
  const application = await startTestApplication((database) => [
    ProfileAccessModule.with({ database, maxIdentities, ...more }),
  ]);
  const { database } = application;
  const fragments = new FragmentWriter(database);
  const events = new EventWriter(database);
  const policies = new MergePolicyStore(database);
  const graph = new MongoIdentityGraphWriter(database, { namespaces: { typesOf: () => Promise.resolve(types) } });
  let accepted = 0;
  const acceptance = () => ({ acceptedAt: 1_700_000_000_000, position: String((accepted += 1)).padStart(12, '0') });
  return {
    database,
    newTenant: application.newTenant,
    close: application.close,
    get: (tenant, query, call) => application.call(tenant, `${base}?${queryText(query)}`, call),
    follow: (tenant, href) => application.call(tenant, href.replace('/entities', base)),
    post: (tenant, body) => application.call(tenant, base, { method: 'POST', body }),
    records: async (tenant, records) => {
      const writes = records.map(({ of, datasetId = 'dataset', age = 1_700_000_000_000, schema, body }) => ({
        datasetId,
        xid: identityOf(tenant, of).xid,
        age,
        version: versionOf(age, acceptance()),
        acceptedAt: 1_700_000_000_000,
        ...(schema !== undefined && { schema }),
        ...(body && { body: JSON.stringify(body) }),
      }));
      await fragments.apply(tenant, writes);
    },
    events: async (tenant, some) => {
      await events.apply(
        tenant,
        some.map((event) => eventWrite(tenant, event, acceptanceOrder(acceptance()))),
      );
    },
    link: async (tenant, ...identities) => {
      const evidence = {
        identities: identities.map((text) => identityOf(tenant, text)),
        links: true,
        datasetId: 'dataset',
        first: 1,
        last: 1,
        acceptedAt: 1,
      };
      await graph.apply(tenant, [evidence]);
    },
    policy: async (tenant, policy) => {
      const id = `policy-${(accepted += 1)}`;
      const settings = { name: id, schema: { name: profile }, isActiveOnEdge: false, default: false, ...policy };
      await policies.change(tenant, (known) => withNewPolicy(known, tenant, settings, { id, updateEpoch: 0 }));
      return id;
    },
    defaultGraph: async (tenant, type) => {
      await policies.change(tenant, (known) => {
        const { id, version, ...current } = known.find((policy) => policy.default) as MergePolicy;
        const settings = { ...current, identityGraph: { type } };
        return withChangedPolicy(known, version, settings, { id, updateEpoch: 0 });
      });
    },
  };
}

function eventWrite(tenant: Tenant, event: TestEvent, order: string): EventWrite {
  const { of, id, time, datasetId = 'events', body = {} } = event;
  const whole = { _id: id, timestamp: new Date(time).toISOString(), ...body };
  return {
    datasetId,
    eventId: id,
    xids: of.map((text) => identityOf(tenant, text).xid),
    time,
    acceptedAt: 1_700_000_000_000,
    order,
    body: JSON.stringify(whole),
  };
}

function queryText(query: Readonly<Record<string, string | number | readonly string[]>>): string {
  const text = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of typeof value === 'object' ? value : [value]) text.append(name, String(one));
  }
  return text.toString();
}
