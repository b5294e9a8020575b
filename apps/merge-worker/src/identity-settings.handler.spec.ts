import { deadTopic, tenantKey, topics, type IdentityEvidence, type Tenant, type TopicName } from '@tessera/contracts';
import { eventually } from '@tessera/testing';
import { evidenceOf, graphWorker, identityOf } from './graph-worker.fixture.js';
import { IdentitySettingsHandler } from './identity-settings.handler.js';
import { OverdueSettings } from './overdue-settings.js';

/** Real: MongoDB and Kafka. */
describe('the handler of changed linking rules', () => {
  const worker = graphWorker();
  const { announcements, database, graph, logger, message, producer, reader, settings } = worker;
  const handlerOf = (maxSteps: number) => new IdentitySettingsHandler({ ...worker, maxSteps });
  const handler = handlerOf(3);
  let tenant: Tenant;

  beforeAll(() => worker.start());
  beforeEach(() => {
    tenant = worker.newTenant();
  });
  afterAll(() => worker.close());

  const identity = (text: string) => identityOf(tenant, text);
  const record = (identities: string[], at: number): IdentityEvidence => evidenceOf(tenant, identities, at);
  const changed = () => message({ ...tenant, changedAt: 99 });
  const personOf = async (text: string) => {
    const [stored] = await reader.findMany(tenant, [identity(text).xid]);
    return stored?.members.map(({ namespace, id }) => `${namespace}:${id}`).sort();
  };
  /** What a topic holds, once `enough` of it is there. */
  const onTopic = async (
    topic: TopicName | `${TopicName}.dead`,
    enough: (values: readonly string[]) => boolean,
  ): Promise<readonly string[]> => {
    const values: string[] = [];
    const consumer = await worker.listen(topic, (value) => values.push(value));
    await eventually(() => {
      expect(enough(values)).toBe(true);
    });
    await consumer.stop();
    return values;
  };

  it('takes people apart by the new rules, says who changed, and joins them again without the rules', async () => {
    await graph.apply(tenant, [record(['email:ada', 'ecid:x'], 1), record(['email:bob', 'ecid:x'], 2)]);
    expect(await personOf('email:ada')).toEqual(['ecid:x', 'email:ada', 'email:bob']);
    await settings.put(tenant, { namespaces: [{ code: 'Email', unique: true }] }, 99);
    await handler.handle([changed(), changed()]);
    expect(await personOf('email:ada')).toEqual(['email:ada']);
    expect(await personOf('email:bob')).toEqual(['ecid:x', 'email:bob']);
    const unannounced = (await announcements.overdue(-1)).flatMap(({ changes }) => changes);
    expect(unannounced.filter(({ acceptedAt }) => acceptedAt === 99)).toEqual([]);
    const published = await onTopic(topics.profileChanged, (values) =>
      values.some((value) => value.includes(tenant.sandbox) && value.includes('"acceptedAt":99')),
    );
    expect(published.join()).toContain(identity('email:ada').xid);
    await settings.put(tenant, { namespaces: [] }, 99);
    await handler.handle([changed()]);
    expect(await personOf('email:ada')).toEqual(['ecid:x', 'email:ada', 'email:bob']);
  });

  it('sends a large sandbox back to the topic after some steps, until nothing remains', async () => {
    const pairs = Array.from({ length: 150 }, (_, index) => record([`email:${index}`, `phone:${index}`], 1));
    await graph.apply(tenant, pairs);
    await settings.put(tenant, { namespaces: [{ code: 'Email', unique: true }] }, 99);
    await handlerOf(1).handle([changed()]);
    const again = await onTopic(topics.identitySettings, (values) =>
      values.some((value) => value.includes(`"${tenant.sandbox}"`)),
    );
    const own = again.filter((value) => value.includes(`"${tenant.sandbox}"`));
    expect(own.map((value) => JSON.parse(value) as unknown)).toEqual([{ ...tenant, changedAt: 99 }]);
    const outdated = () =>
      database
        .collection<{ _id: string; tenant: string; rules: number }>('components')
        .countDocuments({ tenant: tenantKey(tenant), rules: 0 });
    expect(await outdated()).toBe(50);
    await handler.handle([message(own[0] ?? '')]);
    expect(await outdated()).toBe(0);
  });

  it('is told again of rules that nobody applied, and no more once they are', async () => {
    await graph.apply(tenant, [record(['email:ada', 'ecid:x'], 1), record(['email:bob', 'ecid:x'], 2)]);
    await settings.put(tenant, { namespaces: [{ code: 'Email', unique: true }] }, 77);
    const overdue = new OverdueSettings(settings, producer, logger, 0);
    await overdue.once();
    const told = await onTopic(topics.identitySettings, (values) =>
      values.some((value) => value.includes(`"${tenant.sandbox}"`)),
    );
    const own = told.filter((value) => value.includes(`"${tenant.sandbox}"`));
    expect(JSON.parse(own[0] ?? '')).toEqual({ ...tenant, changedAt: 77 });
    await handler.handle([message(own[0] ?? '')]);
    expect(await personOf('email:ada')).toEqual(['email:ada']);
    expect(await settings.takeOverdue(new Date())).toBeUndefined();
  });

  it('leaves rules that changed meanwhile to be applied', async () => {
    const { version } = await settings.put(tenant, { namespaces: [] }, 1);
    await settings.put(tenant, { namespaces: [{ code: 'Email', unique: true }] }, 2);
    await settings.applied(tenant, version);
    expect(await settings.takeOverdue(new Date())).toEqual({ ...tenant, changedAt: 2 });
    await settings.applied(tenant, version + 1);
    expect(await settings.takeOverdue(new Date())).toBeUndefined();
  });

  it('puts aside what is no change of rules', async () => {
    await handler.handle([message('no json'), message('{"organisation":"O"}')]);
    const dead = await onTopic(deadTopic(topics.identitySettings), (values) => values.length >= 2);
    expect(dead).toEqual(['no json', '{"organisation":"O"}']);
  });
});
