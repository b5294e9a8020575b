import { PassThrough, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import { problem } from '../problem/problem-error.js';

/** A body stream as Fastify counts it: bytes after inflation in its chunks, bytes on the wire beside them. */
export type InflatedStream = Readable & { receivedEncodedLength: number };

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  br: createBrotliDecompress,
};

/**
 * Inflates a compressed body as it arrives. What it inflates to is never held here: the reader counts and stops at the
 * route's limit, so a small body cannot become a large one (spec 03-ingestion, "Streaming").
 *
 * @param coding the `Content-Encoding` header.
 * @throws ProblemError `unsupported-media-type` for a coding we do not take.
 */
export function inflate(coding: string, payload: Readable): InflatedStream {
  const createDecoder = decoders[coding.trim().toLowerCase()];
  if (createDecoder === undefined) {
    throw problem('unsupported-media-type', {
      detail: 'The Content-Encoding is not one this operation takes: use gzip, br or none.',
      headers: { 'accept-encoding': 'gzip, br' },
    });
  }
  const decoder = createDecoder();
  const inflated = Object.assign(new PassThrough(), { receivedEncodedLength: 0 });
  // Whoever reads may have stopped at the limit and gone; an error then concerns nobody, and must not end the process.
  inflated.on('error', () => undefined);
  decoder.on('error', (error) => inflated.destroy(asMalformed(error)));
  payload.on('data', (chunk: Buffer) => (inflated.receivedEncodedLength += chunk.length));
  payload.on('error', (error) => inflated.destroy(error));
  payload.on('close', () => {
    if (!payload.readableEnded) decoder.destroy();
  });
  inflated.on('close', () => decoder.destroy());
  payload.pipe(decoder).pipe(inflated);
  return inflated;
}

function asMalformed(error: Error): Error {
  return problem('malformed-body', {
    detail: 'The compressed body does not inflate: it is damaged or cut.',
    cause: error,
  });
}
