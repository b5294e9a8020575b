import {
  withNewConfiguration,
  withNewDestination,
  withoutDestination,
  type DestinationSettings,
} from '@tessera/domain';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from '../database.js';
import { ProjectionStore } from './projection-store.js';

const settings: DestinationSettings = { type: 'EDGE', dataCenters: ['OR1'], ttl: 600, replicationPolicy: 'REACTIVE' };

/** Real: MongoDB. */
describe('the store of projections', () => {
  const name = uniqueDatabaseName();
  const database = Database.create({ uri: testServers().mongodbUri, name });
  const stores = [new ProjectionStore(database), new ProjectionStore(database)] as const;
  let tenants = 0;
  const newTenant = () => ({ organisation: 'O@TesseraOrg', sandbox: `sandbox-${(tenants += 1)}` });

  beforeAll(() => database.connect());
  afterAll(async () => {
    await database.close();
    await dropTestDatabase(testServers().mongodbUri, name);
  });

  it('loses none of many changes made at once by several instances', async () => {
    const tenant = newTenant();
    const ids = Array.from({ length: 20 }, (_, index) => `d${index}`);
    await Promise.all(
      ids.map((id, index) =>
        (stores[index % 2] as ProjectionStore).change(tenant, (set) => withNewDestination(set, id, settings)),
      ),
    );
    const { destinations } = await stores[0].find(tenant);
    expect(destinations.map(({ id }) => id).sort()).toEqual([...ids].sort());
  });

  it('never leaves a configuration without its destination, whoever is first', async () => {
    for (let round = 0; round < 10; round += 1) {
      const tenant = newTenant();
      await stores[0].change(tenant, (set) => withNewDestination(set, 'd', settings));
      const [removal, creation] = await Promise.all([
        stores[0].change(tenant, (set) => withoutDestination(set, 'd')),
        stores[1].change(tenant, (set) =>
          withNewConfiguration(set, { id: 'c', schemaName: 's' }, { name: 'n', selector: 'x', destinationId: 'd' }),
        ),
      ]);
      expect([removal.kind, creation.kind].sort()).toEqual(['changed', 'refused']);
      const { destinations, configurations } = await stores[0].find(tenant);
      expect(destinations.length).toBe(configurations.length);
    }
  });

  it('keeps sandboxes apart', async () => {
    const [one, other] = [newTenant(), newTenant()];
    await stores[0].change(one, (set) => withNewDestination(set, 'd', settings));
    expect((await stores[0].find(other)).destinations).toEqual([]);
  });
});
