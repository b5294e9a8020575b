import type { OutputFile } from '@tessera/stores';

/** Where a request was sent to. */
export interface AddressedRequest {
  readonly protocol: string;
  readonly host: string;
}

const PATH = 'data/foundation/export/files';

/** A file in the list of its batch, as the published API shows it. */
export function batchFileAnswer({ id, created }: OutputFile, datasetId: string, base: string) {
  return {
    dataSetFileId: id,
    dataSetViewId: datasetId,
    version: '1.0.0',
    created: String(created),
    updated: String(created),
    isValid: true,
    _links: { self: { href: `${base}/${PATH}/${encodeURIComponent(id)}` } },
  };
}

/** The one part that a file has, in the list of its parts. */
export function filePartAnswer({ id, name, size }: OutputFile, base: string) {
  const href = `${base}/${PATH}/${encodeURIComponent(id)}?path=${encodeURIComponent(name)}`;
  return { name, length: String(size), _links: { self: { href } } };
}

/** What a file is. */
export function mediaTypeOf({ name }: OutputFile): string {
  return name.endsWith('.json') ? 'application/x-ndjson' : 'application/vnd.apache.parquet';
}

/** The ETag of its bytes: those of a published file never change (spec 07-export-jobs). */
export function etagOf({ id }: OutputFile): string {
  return `"${id}"`;
}

/** The beginning of links in answers. @param publicUrl null: where the request was sent to. */
export function linkBase(publicUrl: string | null, { protocol, host }: AddressedRequest): string {
  return (publicUrl ?? `${protocol}://${host}`).replace(/\/+$/, '');
}
