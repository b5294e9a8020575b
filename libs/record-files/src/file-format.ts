/** JSON lines, a JSON array (`isMultiLineJson`), CSV with a header, or Parquet (spec 03-ingestion, Batches). */
export const fileFormats = ['json', 'json-array', 'csv', 'parquet'] as const;
export type FileFormat = (typeof fileFormats)[number];

/** A file that is broken as a whole: what follows the place cannot be read. The message is for users. */
export class FileFormatError extends Error {
  override readonly name = 'FileFormatError';

  /** The format that the file seems to have instead. */
  readonly looksLike: FileFormat | undefined;

  constructor(message: string, { looksLike, ...options }: ErrorOptions & { readonly looksLike?: FileFormat } = {}) {
    super(message, options);
    this.looksLike = looksLike;
  }
}
