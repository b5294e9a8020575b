import type { JsonObject } from '@tessera/contracts';
import { jsonText } from '@tessera/domain';
import type { BadRow } from './row-sorter.js';

/**
 * Bad rows as JSON lines for download: each the row as given, with `_errors` and where it stands. Written as text, since
 * the keys of a row are its owner's and may be any.
 */
export function rowErrorLines(path: string, rows: readonly BadRow[]): string {
  return rows.map((row) => `${rowErrorLine(path, row)}\n`).join('');
}

function rowErrorLine(path: string, { row, reason, faults, record, text }: BadRow): string {
  const errors = faults.map(({ path: place, message }) => ({ code: reason, path: place, message }));
  const notes = `"_errors":${JSON.stringify(errors)},"_file":${JSON.stringify(path)},"_row":${row}`;
  return `{${membersOf(record ?? (text === undefined ? {} : { _text: text }))}${notes}}`;
}

/** Nothing of a row that nests too deep to be written. */
function membersOf(record: JsonObject): string {
  const members = (jsonText(record) ?? '{}').slice(1, -1);
  return members === '' ? '' : `${members},`;
}
