import type { StoredDataset } from '@tessera/stores';

/** What there is to know of a dataset to say how long it keeps its events. */
export interface KeepingDataset extends Pick<StoredDataset, 'expiry'> {
  readonly rules: Pick<StoredDataset['rules'], 'behavior'>;
}

/** How long a dataset keeps its events, in the shape of the published API; nothing for a dataset of records. */
export function expiryExtensions({ rules, expiry }: KeepingDataset) {
  if (rules.behavior === 'record') return {};
  return {
    adobe_unifiedProfile: {
      rowExpiration: {
        ttlValue: expiry?.ttl ?? null,
        valueStatus: expiry ? 'custom' : 'default',
        setBy: expiry ? 'user' : 'service',
        updated: expiry?.updated,
        defaultValue: null,
        minValue: 'P1D',
        maxValue: 'P100Y',
      },
    },
  };
}
