import { randomUUID } from 'node:crypto';
import type { Tenant } from '@tessera/contracts';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from '../database.js';
import { ensureIndexes } from '../indexes.js';
import { JobStore } from '../jobs/job-store.js';
import { AttributePublication } from './attribute-publication.js';
import { activeStatuses, type ComputedAttribute } from './computed-attribute.js';
import { ComputedAttributeStore } from './computed-attribute-store.js';

/** Real: MongoDB. */
const { mongodbUri: uri } = testServers();
const name = uniqueDatabaseName();
const database = Database.create({ uri, name });
const [attributes, jobs] = [new ComputedAttributeStore(database), new JobStore(database)];
const order = { requestedBy: 'test', requestId: 'request' };
let tenants = 0;

beforeAll(() => ensureIndexes(database));
afterAll(async () => {
  await database.close();
  await dropTestDatabase(uri, name);
});

const newTenant = (): Tenant => ({ organisation: 'O@TesseraOrg', sandbox: `sandbox-${(tenants += 1)}` });

function attributeOf(tenant: Tenant, attributeName: string): ComputedAttribute {
  const at = Date.now();
  return {
    id: randomUUID(),
    tenant,
    name: attributeName,
    displayName: attributeName,
    description: '',
    createdBy: 'test',
    expression: 'xEvent.count()',
    countedAs: randomUUID(),
    duration: { count: 7, unit: 'DAYS' },
    status: 'DRAFT',
    mergeFunction: 'COUNT',
    xdmType: 'integer',
    keepCurrent: false,
    createdAt: at,
    updatedAt: at,
  };
}

describe('publishing computed attributes', () => {
  it('leaves a job whose command a sweeper publishes, should whoever published the attribute die at once', async () => {
    const tenant = newTenant();
    const publication = new AttributePublication(database);
    const [born, draft] = [attributeOf(tenant, 'born'), attributeOf(tenant, 'drafted')];
    await attributes.insert(draft);
    await publication.insert(born, order);
    await publication.change(tenant, draft.id, ['DRAFT'], { status: 'NEW', updatedAt: Date.now() }, order);
    const swept = await jobs.unpublished(['EVALUATE_COMPUTED_ATTRIBUTE'], Date.now() + 1_000, 100);
    const ids = swept.filter((job) => job.tenant.sandbox === tenant.sandbox).map(({ id }) => id);
    expect(ids.toSorted()).toEqual([born.countedAs, draft.countedAs].toSorted());
    expect((await attributes.active(tenant)).map(({ status }) => status)).toEqual(['NEW', 'NEW']);
  });

  it('gives no more of them at once than there is room for', async () => {
    const tenant = newTenant();
    // As many processes at once.
    const drafts = Array.from({ length: 6 }, (_, index) => attributeOf(tenant, `name${index}`));
    for (const draft of drafts) await attributes.insert(draft);
    const born = attributeOf(tenant, 'born');
    const outcomes = await Promise.all([
      new AttributePublication(database, 3).insert(born, order),
      ...drafts.map(({ id }) =>
        new AttributePublication(database, 3).change(
          tenant,
          id,
          ['DRAFT'],
          { status: 'NEW', updatedAt: Date.now() },
          order,
        ),
      ),
    ]);
    expect(outcomes.filter((outcome) => outcome === 'no-room')).toHaveLength(4);
    expect(await attributes.active(tenant, activeStatuses)).toHaveLength(3);
    expect((await jobs.list(tenant, {}, { start: 0, limit: 9 })).totalCount).toBe(3);
  });

  it('is refused for a name that is taken, and for a state that has changed', async () => {
    const tenant = newTenant();
    const publication = new AttributePublication(database);
    const [known, draft] = [attributeOf(tenant, 'known'), attributeOf(tenant, 'drafted')];
    await attributes.insert(known);
    await attributes.insert(draft);
    const change = { status: 'NEW', updatedAt: Date.now() } as const;
    expect(await publication.insert(attributeOf(tenant, 'known'), order)).toBe('name-taken');
    expect(await publication.change(tenant, draft.id, ['DRAFT'], { ...change, name: 'known' }, order)).toBe(
      'name-taken',
    );
    expect(await publication.change(tenant, draft.id, ['FAILED'], change, order)).toBeUndefined();
    expect(await publication.change(newTenant(), draft.id, ['DRAFT'], change, order)).toBeUndefined();
    expect(await attributes.active(tenant)).toEqual([]);
  });

  it('anew keeps what was not changed, and has the new expression evaluated by a job of its own', async () => {
    const tenant = newTenant();
    const publication = new AttributePublication(database, 1);
    const attribute = attributeOf(tenant, 'born');
    await publication.insert(attribute, order);
    const change = { expression: 'xEvent.total.sum()', countedAs: randomUUID(), updatedAt: Date.now() + 1 };
    const again = await publication.change(tenant, attribute.id, ['NEW'], { ...change, status: 'NEW' }, order);
    expect(again).toMatchObject({
      attribute: { ...attribute, ...change, status: 'NEW' },
      job: { id: change.countedAs },
    });
    expect(await attributes.find(tenant, attribute.id)).toMatchObject({ ...change, name: 'born', status: 'NEW' });
    expect((await jobs.list(tenant, {}, { start: 0, limit: 9 })).totalCount).toBe(2);
  });
});
