import {
  deadTopic,
  profileChangedMessageSchema,
  tenantKey,
  topics,
  type IdentityEvidence,
  type ProfileChange,
  type Tenant,
} from '@tessera/contracts';
import type { BatchConsumer } from '@tessera/messaging';
import { FenceSetter } from '@tessera/stores';
import { eventually } from '@tessera/testing';
import { evidenceOf, graphWorker, identityOf } from './graph-worker.fixture.js';
import { IdentityEvidenceHandler } from './identity-evidence.handler.js';
import { OverdueAnnouncer } from './overdue-announcer.js';

/** Real: MongoDB and Kafka. Messages are handed over as a consumer would. */
describe('the handler of identity evidence', () => {
  const worker = graphWorker();
  const { announcements, graph, logger, message, publisher, reader } = worker;
  const handler = new IdentityEvidenceHandler(worker);
  const published: { readonly tenant: string; readonly change: ProfileChange }[] = [];
  let consumer: BatchConsumer;
  let tenant: Tenant;

  beforeAll(async () => {
    await worker.start();
    consumer = await worker.listen(topics.profileChanged, (value) => {
      const { changes, ...of } = profileChangedMessageSchema.parse(JSON.parse(value));
      published.push(...changes.map((change) => ({ tenant: tenantKey(of), change })));
    });
  });
  beforeEach(() => {
    tenant = worker.newTenant();
  });
  afterAll(async () => {
    await consumer.stop();
    await worker.close();
  });

  const identity = (id: string, of = tenant) => identityOf(of, `email:${id}`);
  const evidence = (ids: readonly string[], at: number, of = tenant): IdentityEvidence =>
    evidenceOf(
      of,
      ids.map((id) => `email:${id}`),
      at,
    );
  const changesOf = (of: Tenant) =>
    published.filter(({ tenant: key }) => key === tenantKey(of)).map(({ change }) => change);
  const membersOf = async (id: string, of = tenant) => {
    const [found] = await reader.findMany(of, [identity(id, of).xid]);
    return found?.members.map((member) => member.id).sort();
  };

  it('links the identities and says who changed, once per person', async () => {
    await handler.handle([
      message({ ...tenant, evidence: [evidence(['a', 'b'], 1), evidence(['c'], 2)] }),
      message({ ...tenant, evidence: [evidence(['b', 'd'], 3)] }),
    ]);
    expect(await membersOf('a')).toEqual(['a', 'b', 'd']);
    const changes = await eventually(() => {
      const heard = changesOf(tenant);
      expect(heard).toHaveLength(2);
      return heard;
    });
    const members = ['a', 'b', 'd'].map((id) => identity(id).xid).sort();
    expect(changes).toContainEqual({ clusterId: members[0], members, replaced: [], acceptedAt: 3 });
    const { xid } = identity('c');
    expect(changes).toContainEqual({ clusterId: xid, members: [xid], replaced: [], acceptedAt: 2 });
    expect((await announcements.overdue(-1)).filter(({ tenant: of }) => of.sandbox === tenant.sandbox)).toEqual([]);
  });

  it('serves several tenants in one batch and keeps them apart', async () => {
    const other = { ...tenant, sandbox: `${tenant.sandbox}-other` };
    await handler.handle([
      message({ ...tenant, evidence: [evidence(['a', 'b'], 1)] }),
      message({ ...other, evidence: [evidence(['b', 'c'], 1, other)] }),
    ]);
    expect(await membersOf('b')).toEqual(['a', 'b']);
    expect(await membersOf('b', other)).toEqual(['b', 'c']);
  });

  it('puts aside what is no evidence and goes on with the rest', async () => {
    const aside: string[] = [];
    const dead = await worker.listen(deadTopic(topics.identityEvidence), (value) => aside.push(value));
    const withoutIdentities = { ...tenant, evidence: [{ ...evidence(['x'], 1), identities: [] }] };
    await handler.handle([
      message('{'),
      message({ ...tenant, evidence: [evidence(['a', 'b'], 1)] }),
      message(withoutIdentities),
      message(''),
    ]);
    expect(await membersOf('a')).toEqual(['a', 'b']);
    await eventually(() => expect(aside).toEqual(['{', JSON.stringify(withoutIdentities), '']));
    await dead.stop();
  });

  it('may be given everything again', async () => {
    const messages = [message({ ...tenant, evidence: [evidence(['a', 'b'], 1), evidence(['b', 'c'], 2)] })];
    await handler.handle(messages);
    const before = await reader.linksAmong(
      tenant,
      ['a', 'b', 'c'].map((id) => identity(id).xid),
    );
    await handler.handle(messages);
    expect(
      await reader.linksAmong(
        tenant,
        ['a', 'b', 'c'].map((id) => identity(id).xid),
      ),
    ).toEqual(before);
    await eventually(() => expect(changesOf(tenant)).toHaveLength(2));
  });

  it('takes in nothing that was deleted after it was accepted, and everything that was accepted since', async () => {
    const fences = new FenceSetter(worker.database);
    await fences.set(tenant, [{ kind: 'dataset', datasetId: 'gone' }], 50, 'deletion-1');
    await fences.set(tenant, [{ kind: 'person', xid: identity('b').xid }], 60, 'deletion-2');
    await handler.handle([
      message({ ...tenant, evidence: [{ ...evidence(['a', 'z'], 1), datasetId: 'gone' }] }),
      message({ ...tenant, evidence: [evidence(['a', 'b', 'c'], 2)] }),
      message({ ...tenant, evidence: [evidence(['b'], 3)] }),
    ]);
    expect(await membersOf('a')).toEqual(['a', 'c']);
    expect(await membersOf('z')).toBeUndefined();
    expect(await membersOf('b')).toBeUndefined();
    await handler.handle([
      message({ ...tenant, evidence: [{ ...evidence(['a', 'z'], 70), datasetId: 'gone', since: 50 }] }),
      message({ ...tenant, evidence: [{ ...evidence(['b', 'd'], 70), since: 60 }] }),
    ]);
    expect(await membersOf('z')).toEqual(['a', 'c', 'z']);
    expect(await membersOf('b')).toEqual(['b', 'd']);
  });

  it('announces what a worker changed that died before it could say so', async () => {
    await graph.apply(tenant, [evidence(['a', 'b'], 5)]);
    const announcer = new OverdueAnnouncer(announcements, publisher, logger, -1);
    await announcer.once();
    const members = ['a', 'b'].map((id) => identity(id).xid).sort();
    await eventually(() =>
      expect(changesOf(tenant)).toEqual([{ clusterId: members[0], members, replaced: [], acceptedAt: 5 }]),
    );
    expect((await announcements.overdue(-1)).filter(({ tenant: of }) => of.sandbox === tenant.sandbox)).toEqual([]);
  });

  it('counts what it did', async () => {
    const before = await worker.exposition.exposition();
    await handler.handle([message({ ...tenant, evidence: [evidence(['a', 'b', 'c'], 1)] })]);
    await handler.handle([message({ ...tenant, evidence: [evidence(['a', 'b', 'c'], 2)] })]);
    const value = ({ text }: { text: string }, line: string) =>
      Number(new RegExp(`^${line}[^\\n]* (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
    const after = await worker.exposition.exposition();
    const grown = (line: string) => value(after, line) - value(before, line);
    expect(grown('tessera_graph_evidence_total')).toBe(2);
    expect(grown('tessera_graph_identities_registered_total')).toBe(3);
    expect(grown('tessera_graph_links_total\\{outcome="new"')).toBe(3);
    expect(grown('tessera_graph_links_total\\{outcome="refreshed"')).toBe(3);
    expect(grown('tessera_graph_transactions_total\\{outcome="committed"')).toBe(1);
  });
});
