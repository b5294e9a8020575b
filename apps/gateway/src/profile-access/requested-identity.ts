import type { Fault, Identity, Tenant } from '@tessera/contracts';
import { isXid, xidOf } from '@tessera/domain';
import { problem, type ProblemError } from '@tessera/http';

/** An identity as a client names it: by value and namespace code, or by XID. */
export interface RequestedIdentity {
  readonly entityId: string;
  /** Absent: `entityId` is an XID. */
  readonly namespaceCode?: string;
}

/** An identity that is asked about. */
export interface Subject {
  readonly xid: string;
  /** What the XID stands for, where the client said so. */
  readonly identity?: Identity;
  readonly requested: RequestedIdentity;
}

const NO_XID = 'is no XID; with a value of a namespace, name the namespace as well';

/** @throws ProblemError `invalid-parameter` for an `entityId` that is no XID where no namespace is given. */
export function subjectOf(tenant: Tenant, requested: RequestedIdentity, parameter = 'entityId'): Subject {
  const subject = resolve(tenant, requested);
  if (subject !== undefined) return subject;
  throw problem('invalid-parameter', {
    detail: `The parameter ${parameter} ${NO_XID}.`,
    errors: [{ path: `/${parameter}`, message: NO_XID }],
  });
}

/** One identity of a body that names many. `key` is what the answer calls it. */
export type BodySubject =
  | { readonly key: string; readonly subject: Subject; readonly item: Readonly<Record<string, unknown>> }
  | { readonly key: string; readonly problem: ProblemError };

/** The fields that hold value and namespace: those of a person, or of a person whose events are asked for. */
export interface SubjectFields {
  readonly id: 'entityId' | 'relatedEntityId';
  readonly namespace: 'entityIdNS' | 'relatedEntityIdNS';
}

/**
 * Reads the identities of a body, each for itself. A malformed one is named by its value where it has one, otherwise by its
 * JSON Pointer.
 */
export function subjectsOf(tenant: Tenant, identities: readonly unknown[], fields: SubjectFields): BodySubject[] {
  return identities.map((item, index) => {
    const pointer = `/identities/${index}`;
    const faults: Fault[] = [];
    const fault = (path: string, message: string): void => void faults.push({ path: `${pointer}${path}`, message });
    const record = isRecord(item) ? item : undefined;
    const entityId = record?.[fields.id];
    const namespace = record?.[fields.namespace];
    const namespaceCode = isRecord(namespace) ? namespace['code'] : undefined;
    if (record === undefined) fault('', 'must be of type object');
    else if (typeof entityId !== 'string' || entityId === '') fault(`/${fields.id}`, 'a text is required');
    if (namespace !== undefined && (typeof namespaceCode !== 'string' || namespaceCode === '')) {
      fault(`/${fields.namespace}/code`, 'the code of a namespace is required');
    }
    const requested = {
      entityId: String(entityId),
      ...(typeof namespaceCode === 'string' && { namespaceCode }),
    };
    const subject = faults.length === 0 ? resolve(tenant, requested) : undefined;
    if (record !== undefined && subject !== undefined) return { key: subject.xid, subject, item: record };
    if (faults.length === 0) fault(`/${fields.id}`, NO_XID);
    const detail = 'The identity is not valid; errors lists its faults.';
    return {
      key: typeof entityId === 'string' && entityId !== '' ? entityId : pointer,
      problem: problem('invalid-body', { detail, errors: faults }),
    };
  });
}

function resolve(tenant: Tenant, requested: RequestedIdentity): Subject | undefined {
  const { entityId: id, namespaceCode } = requested;
  if (namespaceCode === undefined) return isXid(id) ? { xid: id, requested } : undefined;
  const xid = xidOf(tenant, namespaceCode, id);
  return { xid, identity: { xid, namespace: namespaceCode.toLowerCase(), id }, requested };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
