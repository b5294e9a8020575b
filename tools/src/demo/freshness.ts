import { recordMessage, type DataSetReference } from '../client/record-message.js';
import type { TesseraClient } from '../client/tessera-client.js';
import { measureVisibility } from '../load/visibility.js';
import { namespaces } from './names.js';

const CUSTOMERS = 50;
const RECORDS_PER_SECOND = 20;
/** Records it streams. */
export const FRESHNESS_RECORDS = 200;

/**
 * Gives some customers new loyalty points, one record at a time at a steady low rate, and looks each up until the points
 * show. Milliseconds of each record, from sending it to the end of the lookup that shows it.
 */
export async function measureFreshness(
  client: TesseraClient,
  inletId: string,
  points: DataSetReference,
): Promise<number[]> {
  const customerOf = (index: number) => String((index % CUSTOMERS) + 1).padStart(5, '0');
  return measureVisibility({
    rate: RECORDS_PER_SECOND,
    records: FRESHNESS_RECORDS,
    watchEvery: 1,
    send: async (index) => {
      const identityMap = { [namespaces.customer.code]: [{ id: customerOf(index), primary: true }] };
      const entity = { identityMap, loyalty: { points: index } };
      await client.streamRecord(inletId, recordMessage(points, client.organisation, entity));
    },
    isVisible: async (index) => {
      const identity = { namespace: namespaces.customer.code, id: customerOf(index) };
      const profile = await client.profile(identity, 'loyalty.points');
      const loyalty = profile?.entity['loyalty'] as { points?: number } | undefined;
      return (loyalty?.points ?? -1) >= index;
    },
  });
}
