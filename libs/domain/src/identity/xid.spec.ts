import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { tenantKey } from '@tessera/contracts';
import { isXid, xidOf } from './xid.js';

const tenant = { organisation: 'O@TesseraOrg', sandbox: 'prod' };

describe('an XID', () => {
  it('is the first 20 bytes of the SHA-256 of tenant, namespace and value, in base64url', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (id, code) => {
        const digest = createHash('sha256')
          .update(`${tenantKey(tenant)}\0${code.toLowerCase()}\0${id}`)
          .digest();
        const xid = xidOf(tenant, code, id);
        expect(xid).toBe(digest.subarray(0, 20).toString('base64url'));
        expect(isXid(xid)).toBe(true);
      }),
    );
  });
});
