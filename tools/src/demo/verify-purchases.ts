import type { EventAnswer } from '../client/answers.js';
import type { TesseraClient } from '../client/tessera-client.js';
import { mapConcurrently } from '../load/pool.js';
import type { Purchase } from './cdnow.js';
import { namespaces } from './names.js';
import { inOrderOfTime, purchaseId, purchaseTime } from './purchases.js';
import { LOOKUPS_AT_A_TIME } from './verify-people.js';

/** Compares the stored events of some customers with the log, in their order; one line for each that differs. */
export async function verifyPurchases(
  client: TesseraClient,
  customers: ReadonlyMap<string, readonly Purchase[]>,
): Promise<string[]> {
  const differences = await mapConcurrently([...customers], LOOKUPS_AT_A_TIME, async ([customer, purchases]) => {
    const events = await purchasesOf(client, customer);
    const found = events.map(({ entityId, timestamp, entity }) => `${entityId} ${timestamp} ${priceOf(entity)}`);
    const expected = inOrderOfTime(purchases).map(
      (purchase) => `${purchaseId(purchase)} ${purchaseTime(purchase)} ${purchase.dollars}`,
    );
    return found.join() === expected.join() ? undefined : `${customer}: ${found.length} events`;
  });
  return differences.filter((difference) => difference !== undefined);
}

/** One customer's purchases as the platform has them, oldest first. */
export async function purchasesOf(client: TesseraClient, customer: string): Promise<readonly EventAnswer[]> {
  const answer = await client.events({ namespace: namespaces.customer.code, id: customer });
  return answer.children;
}

/** US dollars of a purchase. */
export function priceOf(entity: EventAnswer['entity']): number | undefined {
  const commerce = entity['commerce'] as { order?: { priceTotal?: number } } | undefined;
  return commerce?.order?.priceTotal;
}
