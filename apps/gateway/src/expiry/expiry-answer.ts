import type { StoredDataset } from '@tessera/stores';

/** How long a dataset keeps its events, in the shape of the published API; nothing for a dataset of records. */
export function expiryExtensions({ rules, expiry }: StoredDataset) {
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
