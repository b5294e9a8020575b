import type { Identity, Tenant } from '@tessera/contracts';
import { isXid, xidOf } from '@tessera/domain';
import type { NamespaceIndex } from './namespace-index.js';

/** An identity by its value in a namespace, which is named by id, or by code under either of two published names. */
export interface CompositeXid {
  /** Digits where it is text. Not looked at where a code is given. */
  readonly nsid?: number | string;
  readonly namespace?: string;
  readonly ns?: string;
  readonly id: string;
}

/** An identity as an answer shows it: in the form in which the client asked. */
export type ShownIdentity = string | { readonly nsid: number; readonly id: string } | Readonly<Record<string, string>>;

/** One identity that a client asks about. */
export interface RequestedRecord {
  /** What the client sent, without anything else the body carried. */
  readonly sent: string | CompositeXid;
  /** Absent where what was sent is no XID, or names no namespace of the sandbox. */
  readonly xid?: string;
  /** Shows another identity in the form of this one. */
  readonly show: (identity: Identity) => ShownIdentity;
}

/** Reads what a client sent as an identity: an XID, or a value with its namespace. */
export function requestedRecord(
  tenant: Tenant,
  namespaces: NamespaceIndex,
  sent: string | CompositeXid,
): RequestedRecord {
  if (typeof sent === 'string') return { sent, ...(isXid(sent) && { xid: sent }), show: ({ xid }) => xid };
  const { nsid, id } = sent;
  const name = sent.namespace === undefined && sent.ns !== undefined ? 'ns' : 'namespace';
  const code = sent[name];
  const byCode = ({ namespace, id: value }: Identity) => ({
    [name]: namespaces.withCode(namespace)?.code ?? namespace,
    id: value,
  });
  if (code !== undefined) {
    const known = namespaces.withCode(code);
    return { sent: { [name]: code, id }, ...(known && { xid: xidOf(tenant, known.code, id) }), show: byCode };
  }
  const known = nsid === undefined ? undefined : namespaces.withId(Number(nsid));
  return {
    sent: { ...(nsid !== undefined && { nsid: known?.id ?? nsid }), id },
    ...(known && { xid: xidOf(tenant, known.code, id) }),
    show: (identity) => {
      const namespace = namespaces.withCode(identity.namespace);
      return namespace ? { nsid: namespace.id, id: identity.id } : byCode(identity);
    },
  };
}
