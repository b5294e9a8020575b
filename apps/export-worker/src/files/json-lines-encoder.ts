import { EVENTS } from '@tessera/domain';
import type { ExportedRow, RowEncoder } from './row-encoder.js';

/** One JSON object a line. */
export class JsonLinesEncoder implements RowEncoder {
  private lines: string[] = [];

  add({ profile, events }: ExportedRow): void {
    if (events !== undefined) profile[EVENTS] = [...events];
    this.lines.push(JSON.stringify(profile), '\n');
  }

  take(): Uint8Array {
    const bytes = Buffer.from(this.lines.join(''));
    this.lines = [];
    return bytes;
  }

  end(): Uint8Array {
    return this.take();
  }
}
