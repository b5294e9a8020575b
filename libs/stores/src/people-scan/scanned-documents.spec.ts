import fc from 'fast-check';
import { BSON } from 'mongodb';
import { scannedFragment, scannedIdentity } from './scanned-documents.js';

const text = fc.string({ unit: 'grapheme' });
const number = fc.oneof(fc.integer(), fc.double({ noNaN: true }), fc.constantFrom(1_790_000_000_000, 2 ** 40));

function bytesOf(document: object): Buffer {
  return Buffer.from(BSON.serialize(document));
}

describe('documents of a scan', () => {
  it('are read without decoding as the driver decodes them', () => {
    const fragment = fc.record(
      { datasetId: text, xid: text, version: text, age: number, acceptedAt: number, body: text, fieldVersions: text },
      { requiredKeys: ['datasetId', 'xid', 'version', 'age', 'acceptedAt', 'body'] },
    );
    fc.assert(
      fc.property(fragment, (document) => {
        expect(scannedFragment(bytesOf(document))).toEqual(BSON.deserialize(bytesOf(document)));
      }),
    );
    const member = fc.record({ namespace: text, id: text, xid: text });
    const identity = fc.record({ _id: text, clusterId: text, namespace: text, id: text, members: fc.array(member) });
    fc.assert(
      fc.property(identity, (document) => {
        const { _id: xid, ...others } = document;
        expect(scannedIdentity(bytesOf(document))).toEqual({ xid, ...others });
      }),
    );
  });

  it('read whole numbers of every width', () => {
    for (const age of [7, BSON.Long.fromNumber(2 ** 50), new BSON.Double(7), new BSON.Int32(-3)]) {
      expect(scannedFragment(bytesOf({ age })).age).toBe(Number(age));
    }
  });

  it('are refused where a field is of a type that they do not have', () => {
    expect(() => scannedFragment(bytesOf({ body: 7 }))).toThrow(TypeError);
    expect(() => scannedFragment(bytesOf({ other: new Date() }))).toThrow(TypeError);
  });
});
