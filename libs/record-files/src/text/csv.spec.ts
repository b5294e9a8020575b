import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { FileFormatError } from '../file-format.js';
import { memoryFile, rowsIn, saidBy } from '../memory-file.fixture.js';

const cell = fc.string({ unit: fc.constantFrom('a', 'é', '☃', '"', ',', '\n', '\r', ' ', '1'), maxLength: 6 });
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const written = (text: string): string => (/[",\r\n]/.test(text) ? quoted(text) : text);

describe('rows of CSV', () => {
  it('are what another reader finds, wherever the file is cut, whatever ends the lines', async () => {
    const table = fc.array(fc.tuple(fc.constant('x'), cell, cell), { maxLength: 8 });
    const step = fc.integer({ min: 1, max: 30 });
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom('\n', '\r\n'), fc.boolean(), step, async (rows, end, mark, cut) => {
        const lines = [['key', 'one', 'two'], ...rows].map((cells) => cells.map(written).join(','));
        const text = (mark ? '\uFEFF' : '') + lines.join(end);
        const others = parse<Record<string, string>>(text, { columns: true, bom: true });
        const found = await rowsIn(memoryFile(text, cut), 'csv');
        expect(saidBy(found)).toEqual(others.map(withoutEmpty));
        const from = Math.floor(rows.length / 2);
        expect(await rowsIn(memoryFile(text, cut), 'csv', { from })).toEqual(found.slice(from));
      }),
    );
  });

  it('become records by the names of their columns', async () => {
    const text = `_id,identityMap.Email[0].id,identityMap.Email[1].id,person.name.firstName,tags[1],tags[0],a.__proto__.b
1,ada@example.com,,Ada,second,first,kept

2,,grace@example.com,,,,
`;
    const rows = await rowsIn(memoryFile(text), 'csv');
    expect(rows.map((row) => JSON.stringify(row))).toEqual([
      '{"row":0,"record":{"_id":"1","identityMap":{"Email":[{"id":"ada@example.com"}]},"person":{"name":{"firstName":"Ada"}},"tags":["first","second"],"a":{"__proto__":{"b":"kept"}}}}',
      '{"row":1,"record":{"_id":"2","identityMap":{"Email":[{"id":"grace@example.com"}]}}}',
    ]);
  });

  it('say which identity is primary as other records do', async () => {
    const text =
      'identityMap.Email[0].id,identityMap.Email[0].primary,primary\na@example.com,TRUE,true\nb@example.com,false,\n';
    expect(saidBy(await rowsIn(memoryFile(text), 'csv'))).toEqual([
      { identityMap: { Email: [{ id: 'a@example.com', primary: true }] }, primary: 'true' },
      { identityMap: { Email: [{ id: 'b@example.com', primary: false }] } },
    ]);
  });

  it('that cannot be read say why and do not hide their neighbours', async () => {
    const text = `a,b\n1,2\n1,2,3\n1\n5" wide,x\n"x"y,z\n"${'l'.repeat(60)}",x\n"one\nrow",7\n`;
    expect(saidBy(await rowsIn(memoryFile(text), 'csv', { maxRowBytes: 50 }))).toEqual([
      { a: '1', b: '2' },
      'the row has 3 cells, but the header names 2',
      'the row has 1 cells, but the header names 2',
      'a cell without quotes around it has a quote within; put the cell in quotes and double those within',
      'a cell goes on after its closing quote; double the quotes within a cell',
      'the row is longer than 50 bytes; split the record',
      { a: 'one\nrow', b: '7' },
    ]);
  });

  it.each([
    ['', 'The CSV file is empty'],
    ['a,,b\n1,2,3', 'Column 2 of the CSV header has no name'],
    ['a,b\r1,2\r', 'If the file ends its lines with CR alone'],
    ['a,a\n1,2', '"a" clashes'],
    ['a,a.b\n1,2', '"a.b" clashes'],
    ['a.b,a\n1,2', '"a" clashes'],
    ['a[0],a.b\n1,2', '"a.b" clashes'],
    ['a[x]\n1', '"a[x]" is no field'],
    ['a..b\n1', '"a..b" is no field'],
    [`${'a.'.repeat(40)}a\n1`, 'nested too deep'],
    ['a,b\n1,2\n1,"open\n2,3\n', 'row 1 (the first is 0) or a row after it opens is never closed'],
  ])('need a header that can be, and quotes that close: %s', async (text, message) => {
    const reading = rowsIn(memoryFile(text), 'csv');
    await expect(reading).rejects.toThrow(FileFormatError);
    await expect(reading).rejects.toThrow(message);
  });
});

function withoutEmpty(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== ''));
}
