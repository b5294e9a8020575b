import { FileFormatError, type RandomAccessFile } from '@tessera/record-files';
import { CommandError } from '../command/command.js';
import { BodyBuilder, envelopeWriter } from './body.js';
import { Destination } from './destination.js';
import { Lanes } from './lanes.js';
import { LoadSummary } from './load-summary.js';
import type { LoadOptions } from './options.js';
import { BeyondEndError, rowsFrom } from './rows-from.js';
import { openedFile } from './source-file.js';

/** Below the gateway's 10 MB, for what is around the messages. */
const MAX_BODY_BYTES = 10_000_000;

export interface LoadResult {
  readonly summary: LoadSummary;
  /** Why the loading ended before the end of the file; undefined when it did not. */
  readonly failure: Error | undefined;
  /** Everything before this row is done: where to go on. Undefined when the file is too short to have it. */
  readonly nextRow: number | undefined;
}

export interface LoadProgress {
  /** Bytes of the file read, of how many, and the state of the accounts. */
  (bytesRead: number, size: number, summary: LoadSummary): void;
}

/**
 * Sends every row of a file to the gateway. Never throws for what goes wrong on the way: the result says it, with the
 * accounts so far.
 *
 * @param stopped ends the loading early: no more is read, what was sent is waited for.
 * @throws CommandError when it cannot even begin.
 */
export async function loadFile(
  options: LoadOptions,
  stopped: AbortSignal,
  onProgress: LoadProgress,
): Promise<LoadResult> {
  const summary = new LoadSummary();
  const file = await openedFile(options.file, (bytes, size) => onProgress(bytes, size, summary));
  const destination = new Destination(options);
  try {
    const schemaId = await destination.open();
    const lanes = new Lanes(options.concurrency, {
      send: (text) => destination.send(text),
      summary,
      patienceSeconds: options.patienceSeconds,
      stopped,
    });
    const failure = await sendAll(options, schemaId, file, lanes, summary, stopped);
    const nextRow = lanes.firstOpenRow ?? options.from + summary.read;
    return { summary, failure, nextRow: failure instanceof BeyondEndError ? undefined : nextRow };
  } finally {
    await destination.close();
  }
}

/** @returns why it ended early, if it did. */
async function sendAll(
  options: LoadOptions,
  schemaId: string,
  file: RandomAccessFile,
  lanes: Lanes,
  summary: LoadSummary,
  stopped: AbortSignal,
): Promise<Error | undefined> {
  const message = envelopeWriter({ ...options, schemaId });
  const builder = new BodyBuilder(options.batchSize, MAX_BODY_BYTES);
  let failure: Error | undefined;
  try {
    for await (const rows of rowsFrom(file, options.format, options.from)) {
      for (const row of rows) {
        if (stopped.aborted || lanes.failure !== undefined) break;
        summary.read += 1;
        if ('fault' in row) {
          summary.addUnreadable(row.row, `${row.fault.path} ${row.fault.message}`.trim());
          continue;
        }
        const full = builder.add(row.row, message(row.record));
        if (full !== undefined) await lanes.take(full);
      }
      if (stopped.aborted || lanes.failure !== undefined) break;
    }
  } catch (error) {
    failure = error instanceof FileFormatError ? new CommandError(brokenFileText(file, error)) : (error as Error);
  }
  await lanes.take(builder.take());
  await lanes.end();
  return lanes.failure ?? failure ?? (stopped.aborted ? new CommandError('Stopped.') : undefined);
}

function brokenFileText({ size }: RandomAccessFile, { message, looksLike }: FileFormatError): string {
  if (size === 0) return 'The file is empty: there is nothing to send.';
  return looksLike === undefined ? message : `${message} Say --format ${looksLike} for that.`;
}
