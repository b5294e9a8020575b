import type { FileFormat, FileFormatError } from '@tessera/record-files';
import type { BatchInputFormat } from '@tessera/stores';

/** How the files of a batch are to be read. */
export function fileFormatOf({ format, isMultiLineJson }: BatchInputFormat): FileFormat {
  return format === 'json' && isMultiLineJson === true ? 'json-array' : format;
}

/** Why a file of a batch cannot be read, with the option that reads it if there is one. */
export function brokenFileText(path: string, { message, looksLike }: FileFormatError): string {
  const option =
    looksLike === 'json-array' ? ' Batches of such files are created with inputFormat.isMultiLineJson: true.' : '';
  return `${path}: ${message}${option}`;
}
