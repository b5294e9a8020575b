import type { DataSetReference } from '../client/record-message.js';

/** The two sources that each describe the same people, with differing details. */
export type PersonSource = 'crm' | 'loyalty';

/** The datasets of the demo: two sources of people, the purchase log, and points that change while somebody looks. */
export type DemoDataSets = Readonly<Record<PersonSource | 'purchases' | 'points', DataSetReference>>;

/** Namespaces the demo registers; each of them identifies people. */
export const namespaces = {
  record: { code: 'FEBRL_RECORD', name: 'Record number of a source' },
  socialSecurity: { code: 'SOC_SEC_ID', name: 'Social security number' },
  customer: { code: 'CDNOW_CUSTOMER', name: 'CDNOW customer number' },
} as const;
