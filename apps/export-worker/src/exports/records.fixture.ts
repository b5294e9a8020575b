import type { Identity, JsonObject, Tenant } from '@tessera/contracts';
import { xidOf } from '@tessera/domain';
import type { FragmentWrite } from '@tessera/stores';

/** An identity written as `namespace:id`. */
export function identity(tenant: Tenant, text: string): Identity {
  const [namespace = '', id = ''] = text.split(':');
  return { xid: xidOf(tenant, namespace, id), namespace, id };
}

/** What a dataset says of somebody. */
export function record(of: Identity, body: JsonObject, more: Partial<FragmentWrite> = {}): FragmentWrite {
  const whole = { identityMap: { [of.namespace]: [{ id: of.id, primary: true }] }, ...body };
  return {
    ...{ datasetId: `crm-${of.xid.slice(0, 4)}`, xid: of.xid, age: 1, acceptedAt: 1_000, version: '1' },
    body: JSON.stringify(whole),
    ...more,
  };
}
