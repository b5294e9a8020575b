import type { Identity } from '@tessera/contracts';
import { BsonFields } from './bson-fields.js';
import type { ScannedFragment } from './people-scan.js';

/** What a scan reads of an identity. */
export interface ScannedIdentity {
  readonly xid: string;
  readonly clusterId: string;
  readonly namespace: string;
  readonly id: string;
  /** Where they were asked for. */
  readonly members: readonly Identity[] | undefined;
}

/** A fragment as the projections of scans have it; what is not asked for is absent. */
export function scannedFragment(bytes: Buffer): ScannedFragment {
  const fields = new BsonFields(bytes);
  let [datasetId, xid, version, age, acceptedAt] = ['', '', '', 0, 0];
  let body: string | undefined;
  let fieldVersions: string | undefined;
  while (fields.next()) {
    if (fields.name === 'body') body = fields.text();
    else if (fields.name === 'xid') xid = fields.text();
    else if (fields.name === 'datasetId') datasetId = fields.text();
    else if (fields.name === 'version') version = fields.text();
    else if (fields.name === 'age') age = fields.number();
    else if (fields.name === 'acceptedAt') acceptedAt = fields.number();
    else if (fields.name === 'fieldVersions') fieldVersions = fields.text();
  }
  const fragment = { datasetId, xid, age, version, acceptedAt };
  if (body === undefined) return fragment;
  return fieldVersions === undefined ? { ...fragment, body } : { ...fragment, body, fieldVersions };
}

/** An identity as the projections of scans have it. */
export function scannedIdentity(bytes: Buffer): ScannedIdentity {
  const fields = new BsonFields(bytes);
  let [xid, clusterId, namespace, id] = ['', '', '', ''];
  let members: Identity[] | undefined;
  while (fields.next()) {
    if (fields.name === '_id') xid = fields.text();
    else if (fields.name === 'clusterId') clusterId = fields.text();
    else if (fields.name === 'namespace') namespace = fields.text();
    else if (fields.name === 'id') id = fields.text();
    else if (fields.name === 'members') members = membersOf(fields.below());
  }
  return { xid, clusterId, namespace, id, members };
}

function membersOf(items: BsonFields): Identity[] {
  const members: Identity[] = [];
  while (items.next()) {
    const fields = items.below();
    let [xid, namespace, id] = ['', '', ''];
    while (fields.next()) {
      if (fields.name === 'xid') xid = fields.text();
      else if (fields.name === 'namespace') namespace = fields.text();
      else if (fields.name === 'id') id = fields.text();
    }
    members.push({ xid, namespace, id });
  }
  return members;
}
