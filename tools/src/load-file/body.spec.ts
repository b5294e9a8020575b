import fc from 'fast-check';
import { BodyBuilder, envelopeWriter, textOf, type Body } from './body.js';

describe('bodies of records', () => {
  it('hold every record once, in order, within the bounds', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 60 }));
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 100 }),
        (lengths, records, bytes) => {
          const builder = new BodyBuilder(records, bytes);
          const bodies = lengths.map((length, row) => builder.add(row, 'é'.repeat(length)));
          const full = [...bodies, builder.take()].filter((body): body is Body => body !== undefined);
          expect(full.flatMap(({ rows }) => rows)).toEqual(lengths.map((_, row) => row));
          expect(full.flatMap(({ messages }) => messages.map(({ length }) => length))).toEqual(lengths);
          for (const { rows, messages } of full) {
            expect(rows.length).toBeLessThanOrEqual(records);
            if (rows.length > 1) expect(Buffer.byteLength(messages.join(',')) + 1).toBeLessThanOrEqual(bytes);
          }
        },
      ),
    );
  });

  it('are the published envelope around the row as it is', () => {
    const write = envelopeWriter({ organisation: 'A@Org', datasetId: 'd', schemaId: 's', operation: 'delete' });
    const text = textOf({ rows: [0], messages: [write(JSON.parse('{"__proto__":1}') as Record<string, number>)] });
    const { messages } = JSON.parse(text) as { messages: { header: unknown; body: { xdmEntity: object } }[] };
    expect(messages[0]?.header).toMatchObject({ datasetId: 'd', imsOrgId: 'A@Org', operations: { data: 'delete' } });
    expect(JSON.stringify(messages[0]?.body.xdmEntity)).toBe('{"__proto__":1}');
  });
});
