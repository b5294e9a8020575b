import type { FileFormat } from '@tessera/record-files';
import type { BatchInputFormat } from '@tessera/stores';

/** How the files of a batch are to be read. */
export function fileFormatOf({ format, isMultiLineJson }: BatchInputFormat): FileFormat {
  return format === 'json' && isMultiLineJson === true ? 'json-array' : format;
}
