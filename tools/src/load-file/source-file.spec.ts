import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CommandError } from '../command/command.js';
import { openedFile, unreadableText } from './source-file.js';

/** Real: files. */
describe('the file to load', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tessera-source-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function written(name: string, content: string | Buffer): Promise<string> {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  }

  async function refusal(path: string): Promise<string> {
    const failure: unknown = await openedFile(path, () => undefined).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CommandError);
    return (failure as CommandError).message;
  }

  it('tells how far it is read', async () => {
    const seen: number[][] = [];
    const file = await openedFile(await written('a.jsonl', '{"a":1}\n'), (...bytes) => void seen.push(bytes));
    let text = '';
    for await (const bytes of file.read(0, file.size)) text += bytes.toString();
    expect([text, seen]).toEqual(['{"a":1}\n', [[8, 8]]]);
  });

  it.each(['', '{'])('may be as short as "%s"', async (content) => {
    const file = await openedFile(await written('short.jsonl', content), () => undefined);
    expect(file.size).toBe(content.length);
  });

  it('is no folder', async () => {
    await mkdir(join(folder, 'people.csv'));
    expect(await refusal(join(folder, 'people.csv'))).toMatch(/people\.csv is a folder: name one file of it/);
  });

  it('is no device or pipe', async () => {
    expect(await refusal('/dev/null')).toMatch('/dev/null is no ordinary file: write what comes from it to one');
  });

  it('is unpacked before, whatever it is called', async () => {
    const path = await written('people.jsonl', gzipSync('{"a":1}\n'));
    expect(await refusal(path)).toBe(
      `${path} is compressed with gzip: unpack it (gunzip -k ${path}) and load what comes out.`,
    );
  });

  it('is there', async () => {
    const file = await written('file.jsonl', '{}');
    const absent = [join(folder, 'nowhere.jsonl'), join(file, 'within.jsonl')];
    for (const path of absent) expect(await refusal(path)).toBe(`There is no file ${path}. Check --file.`);
  });

  it('may be read, or it is said that it may not', () => {
    const error = Object.assign(new Error('EACCES: permission denied, open'), { code: 'EACCES' });
    expect(unreadableText('/a.csv', error)).toBe(
      'You may not read /a.csv: allow it (chmod), or load it as somebody who may.',
    );
  });
});
