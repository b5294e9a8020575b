import type { Fault, JsonObject, JsonValue } from '@tessera/contracts';
import { isJsonObject } from '@tessera/domain';
import { expiryExtensions, type KeepingDataset } from './expiry-answer.js';

/**
 * Faults of extensions that say of the expiry of events what is not so: another door sets it, and whoever sent them would take
 * it to hold. Those of other services are as unknown fields.
 *
 * @param dataset as it is; a new one when absent.
 */
export function faultsOfExpiry(extensions: JsonValue | undefined, dataset: KeepingDataset = WITHOUT_EXPIRY): Fault[] {
  const given = isJsonObject(extensions) ? extensions['adobe_unifiedProfile'] : extensions;
  if (given === undefined || (given === null && dataset.expiry === undefined)) return [];
  const { adobe_unifiedProfile: shown } = JSON.parse(JSON.stringify(expiryExtensions(dataset))) as JsonObject;
  return isPartOf(given, shown) ? [] : [expiryElsewhere];
}

export const expiryElsewhere: Fault = {
  path: '/extensions',
  message: 'is set elsewhere: PATCH /data/foundation/catalog/v2/dataSets/{id} says how long events are kept',
};

const WITHOUT_EXPIRY: KeepingDataset = { rules: { behavior: 'time-series' } };

/** Whether whatever a value says is in another, which has no arrays. */
function isPartOf(part: JsonValue | undefined, whole: JsonValue | undefined): boolean {
  if (!isJsonObject(part)) return part === (whole ?? null);
  const keys = Object.keys(part);
  if (!isJsonObject(whole)) return keys.length === 0;
  return keys.every((key) => isPartOf(part[key], Object.hasOwn(whole, key) ? whole[key] : undefined));
}
