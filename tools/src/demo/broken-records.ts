import type { DeadLetterReason, JsonObject } from '@tessera/contracts';
import type { DemoDataSets } from './names.js';
import { namespaces } from './names.js';

/** A record that must be kept as a dead letter, for this reason and no other. */
export interface BrokenRecord {
  readonly reason: DeadLetterReason;
  readonly dataSet: keyof DemoDataSets;
  readonly entity: JsonObject;
}

const identityMap = { [namespaces.customer.code]: [{ id: '00001', primary: true }] };

/** Mistakes that producers make, `repeats` of each. */
export function brokenRecords(repeats: number): BrokenRecord[] {
  return Array.from({ length: repeats }, (_, index) => index).flatMap((index): BrokenRecord[] => [
    {
      reason: 'missing-event-id',
      dataSet: 'purchases',
      entity: { timestamp: '1997-01-01T00:00:00Z', identityMap },
    },
    {
      reason: 'invalid-timestamp',
      dataSet: 'purchases',
      entity: { _id: `broken-${index}`, timestamp: 'last Tuesday', identityMap },
    },
    {
      reason: 'no-usable-identity',
      dataSet: 'crm',
      entity: { identityMap: { [namespaces.record.code]: [{ id: 'anonymous', primary: true }] } },
    },
    {
      reason: 'two-primary-identities',
      dataSet: 'crm',
      entity: {
        identityMap: {
          [namespaces.record.code]: [{ id: `rec-broken-${index}`, primary: true }],
          [namespaces.socialSecurity.code]: [{ id: `broken-${index}`, primary: true }],
        },
      },
    },
    {
      reason: 'invalid-age',
      dataSet: 'loyalty',
      entity: { identityMap, extSourceSystemAudit: { lastUpdatedDate: 'recently' } },
    },
  ]);
}
