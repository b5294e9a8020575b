import { setImmediate } from 'node:timers/promises';
import type { ObjectKey, ObjectStorage } from '@tessera/object-storage';
import type { ExportedRow, RowEncoder } from './row-encoder.js';

/** A file as written. */
export interface WrittenFile {
  readonly key: ObjectKey;
  /** Bytes. */
  readonly size: number;
}

export interface FileSetOptions {
  /** Opens the encoder of a further file. */
  readonly newEncoder: () => RowEncoder;
  /** What to call a file, by its place: always the same, so that writing again replaces. */
  readonly keyOf: (index: number) => ObjectKey;
  /** Characters of the records a file's rows were made of, after which the next file begins. */
  readonly fileWeight: number;
}

/**
 * Writes rows into files of bounded size, each straight to the store while its rows arrive. The same rows give the same
 * files, whatever pages they come in.
 */
export async function writeFiles(
  storage: ObjectStorage,
  pages: AsyncIterator<readonly ExportedRow[]>,
  { newEncoder, keyOf, fileWeight }: FileSetOptions,
): Promise<WrittenFile[]> {
  const rows = new RowQueue(pages);
  const files: WrittenFile[] = [];
  while (await rows.fill()) {
    const key = keyOf(files.length);
    files.push({ key, size: await storage.put(key, fileBytes(rows, newEncoder(), fileWeight)) });
  }
  return files;
}

async function* fileBytes(rows: RowQueue, encoder: RowEncoder, fileWeight: number): AsyncGenerator<Uint8Array> {
  let weight = 0;
  while (weight < fileWeight && (await rows.fill())) {
    for (let row = rows.next(); row !== undefined; row = rows.next()) {
      encoder.add(row);
      weight += row.weight;
      if (weight >= fileWeight) break;
    }
    const bytes = encoder.take();
    if (bytes.length > 0) yield bytes;
    // Encoding never waits by itself: others get their turn between two pages.
    await setImmediate();
  }
  yield encoder.end();
}

/** Rows that arrived in pages, one at a time. */
class RowQueue {
  private page: readonly ExportedRow[] = [];
  private place = 0;

  constructor(private readonly pages: AsyncIterator<readonly ExportedRow[]>) {}

  /** Whether there is another row; waits for it. */
  async fill(): Promise<boolean> {
    while (this.place >= this.page.length) {
      const next = await this.pages.next();
      if (next.done === true) return false;
      this.page = next.value;
      this.place = 0;
    }
    return true;
  }

  /** The next row that has arrived. */
  next(): ExportedRow | undefined {
    const row = this.page[this.place];
    if (row !== undefined) this.place += 1;
    return row;
  }
}
