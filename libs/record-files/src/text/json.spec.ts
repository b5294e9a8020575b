import fc from 'fast-check';
import { FileFormatError } from '../file-format.js';
import { readRows } from '../read-rows.js';
import { memoryFile, rowsIn, saidBy } from '../memory-file.fixture.js';

const objects = fc.array(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), { maxLength: 12 });
const step = fc.integer({ min: 1, max: 40 });
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

describe('rows of JSON lines', () => {
  it('are the lines, wherever the file is cut, whatever ends them', async () => {
    const lineEnd = fc.constantFrom('\n', '\r\n', '\n\n', ' \n', '\r\n \t\r\n');
    await fc.assert(
      fc.asyncProperty(
        objects,
        fc.array(lineEnd, { minLength: 1 }),
        fc.boolean(),
        step,
        async (values, ends, mark, cut) => {
          const lines = values.map((value, index) => JSON.stringify(value) + (ends[index % ends.length] as string));
          const text = (mark ? '\uFEFF' : '') + lines.join('');
          expect(saidBy(await rowsIn(memoryFile(text, cut), 'json'))).toEqual(asJson(values));
          expect(saidBy(await rowsIn(memoryFile(text.trimEnd(), cut), 'json'))).toEqual(asJson(values));
        },
      ),
    );
  });

  it('are the same from any row on, in chunks of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        objects,
        fc.nat(14),
        fc.integer({ min: 1, max: 5 }),
        step,
        async (values, from, chunkRows, cut) => {
          const file = memoryFile(values.map((value) => `${JSON.stringify(value)}\n`).join('broken\n'), cut);
          const all = await rowsIn(file, 'json');
          expect(await rowsIn(file, 'json', { from, chunkRows })).toEqual(all.slice(from));
        },
      ),
    );
  });

  it('of one reading come in even chunks, without a small rest', async () => {
    const file = memoryFile('{"a":1}\n'.repeat(11), 1_000);
    const sizes = async (chunkRows: number) => {
      const chunks: number[] = [];
      for await (const rows of readRows(file, 'json', { maxRowBytes: 100, chunkRows })) chunks.push(rows.length);
      return chunks.filter((size) => size > 0);
    };
    expect(await sizes(10)).toEqual([11]);
    expect(await sizes(4)).toEqual([4, 4, 3]);
    expect(await sizes(6)).toEqual([6, 5]);
  });

  it('that cannot be read say why and do not hide their neighbours', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"a":1}\n[1]\n"x"\n{"a":\n'),
      Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d, 0x0a]),
      Buffer.from(`{"long":"${'x'.repeat(200)}"}\nnull\n{"__proto__":{"b":2}}`),
    ]);
    const rows = await rowsIn(memoryFile(bytes), 'json', { maxRowBytes: 100 });
    expect(saidBy(rows)).toEqual([
      { a: 1 },
      'the row must be a JSON object, not an array',
      'the row must be a JSON object, not a string',
      expect.stringContaining('the row is not valid JSON'),
      'the row is not valid UTF-8; save the file as UTF-8',
      'the row is longer than 100 bytes; split the record',
      'the row must be a JSON object, not null',
      JSON.parse('{"__proto__":{"b":2}}'),
    ]);
    expect(rows[5]).toMatchObject({
      row: 5,
      reason: 'too-large',
      text: expect.stringContaining('{"long":"xx') as string,
    });
  });

  it('are none in an empty file', async () => {
    expect(await rowsIn(memoryFile('\r\n  \n'), 'json')).toEqual([]);
  });

  it.each([
    '[{"a":1},{"a":2}]',
    '\uFEFF\n [{"a":1}]\r\n\r\n',
    '[\n  {"a":1},\n  {"a":2}\n]\n',
    '[{"a":1},\n{"a":2}\n]',
    '[]',
    `[{"long":"${'x'.repeat(99)}"}]`,
  ])('are not looked for in what is one JSON array: %j', async (text) => {
    const reading = rowsIn(memoryFile(text), 'json', { maxRowBytes: 50 });
    await expect(reading).rejects.toThrow(
      new FileFormatError('The file looks like one JSON array, not lines of JSON.'),
    );
    await expect(reading).rejects.toMatchObject({ looksLike: 'json-array' });
    await expect(rowsIn(memoryFile(text), 'json', { maxRowBytes: 50, from: 1 })).rejects.toThrow(FileFormatError);
  });

  it.each(['[1]\n[2]', '[1]\n{"a":1}', '[{"a"\n{"a":1}', `["${'x'.repeat(99)}"]\n{"a":1}`, '{"a":[\n]'])(
    'stay rows where only some look like an array: %j',
    async (text) => {
      expect(await rowsIn(memoryFile(text), 'json', { maxRowBytes: 50 })).toHaveLength(2);
    },
  );

  it('are not read on once that is no longer wanted', async () => {
    const stop = new AbortController();
    const file = memoryFile('{"a":1}\n'.repeat(10));
    const reading = async () => {
      for await (const row of rowsOneByOne(file, stop.signal)) if (row === 2) stop.abort(new Error('stopped'));
    };
    await expect(reading()).rejects.toThrow('stopped');
  });

  it('may be as many as they like: what was read is not kept', async () => {
    const block = Buffer.from(`{"n":${'1'.repeat(15)}}\n`.repeat(4_000));
    const file = {
      size: block.length * 500,
      async *read() {
        for (let given = 0; given < 500; given += 1) yield await Promise.resolve(block);
      },
    };
    let rows = 0;
    for await (const chunk of readRows(file, 'json', { maxRowBytes: 1_000 })) {
      rows += chunk.length;
      expect(chunk.length).toBeLessThanOrEqual(500);
    }
    expect(rows).toBe(2_000_000);
  });
});

describe('rows of a JSON array', () => {
  it('are its elements, wherever the file is cut, however it is laid out', async () => {
    await fc.assert(
      fc.asyncProperty(objects, fc.constantFrom(0, 2, 3), fc.boolean(), step, async (values, indent, mark, cut) => {
        const text = `${mark ? '\uFEFF' : ''} ${JSON.stringify(values, undefined, indent)}\r\n`;
        expect(saidBy(await rowsIn(memoryFile(text, cut), 'json-array'))).toEqual(asJson(values));
        const from = Math.floor(values.length / 2);
        expect(saidBy(await rowsIn(memoryFile(text, cut), 'json-array', { from }))).toEqual(asJson(values.slice(from)));
      }),
    );
  });

  it('that cannot be read say why and do not hide their neighbours', async () => {
    const text = `[{"a":1}, 7, {"a" 1}, {"b":"]\\",["}, {"long":"${'x'.repeat(99)}"}, {"c":[{}]}{}, {"d":2}]`;
    const rows = await rowsIn(memoryFile(text), 'json-array', { maxRowBytes: 50 });
    expect(saidBy(rows)).toEqual([
      { a: 1 },
      'the row must be a JSON object, not a number',
      expect.stringContaining('the row is not valid JSON'),
      { b: ']",[' },
      'the row is longer than 50 bytes; split the record',
      expect.stringContaining('the row is not valid JSON'),
      { d: 2 },
    ]);
  });

  it.each([
    ['', 'it must begin with "["'],
    ['{"a":1}\n{"a":2}', 'it must begin with "["'],
    ['[{"a":1},', 'ends within element 2'],
    ['[{"a":1}', 'ends within element 1'],
    ['[{"a":[1}', 'ends within element 1'],
    ['[{"a":1},,{"a":2}]', 'a comma without an element'],
    ['[{"a":1},]', 'a comma without an element'],
    ['[,]', 'a comma without an element'],
    ['[{"a":1}] {"a":2}', 'goes on after the end'],
  ])('end where the array is broken: %s', async (text, message) => {
    const reading = rowsIn(memoryFile(text), 'json-array');
    await expect(reading).rejects.toThrow(FileFormatError);
    await expect(reading).rejects.toThrow(message);
  });
});

async function* rowsOneByOne(file: ReturnType<typeof memoryFile>, signal: AbortSignal) {
  for await (const rows of readRows(file, 'json', { maxRowBytes: 100, chunkRows: 1, signal })) {
    for (const { row } of rows) yield row;
  }
}
