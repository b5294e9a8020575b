import type { JsonObject } from '@tessera/contracts';
import type { Purchase } from './cdnow.js';
import { namespaces } from './names.js';

/** The purchase as an event. */
export function purchaseEvent(purchase: Purchase): JsonObject {
  return {
    _id: purchaseId(purchase),
    timestamp: new Date(purchaseTime(purchase)).toISOString(),
    eventType: 'commerce.purchases',
    identityMap: { [namespaces.customer.code]: [{ id: purchase.customer, primary: true }] },
    commerce: { purchases: { value: 1 }, order: { priceTotal: purchase.dollars, currencyCode: 'USD' } },
    productListItems: [{ quantity: purchase.quantity }],
  };
}

/** The line in the file makes the id: the log holds equal purchases. */
export function purchaseId(purchase: Purchase): string {
  return `cdnow-${String(purchase.line).padStart(5, '0')}`;
}

/** Epoch milliseconds: the log knows the day alone. */
export function purchaseTime(purchase: Purchase): number {
  return Date.parse(`${purchase.day}T00:00:00Z`);
}

/** Purchases by customer, each customer's in the order of the log. */
export function purchasesByCustomer(purchases: readonly Purchase[]): Map<string, Purchase[]> {
  return Map.groupBy(purchases, (purchase) => purchase.customer);
}

/** All purchases in the order in which the shop saw them. */
export function inOrderOfTime(purchases: readonly Purchase[]): Purchase[] {
  return purchases.toSorted((left, right) => purchaseTime(left) - purchaseTime(right) || left.line - right.line);
}
