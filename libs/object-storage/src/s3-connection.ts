import type { S3 } from '@aws-sdk/client-s3';
import { UnavailableError } from '@tessera/contracts';
import { S3Fault } from './s3-fault.js';

/** What there is to know of a bucket before it is first spoken with. */
export interface S3Settings {
  readonly bucket: string;
  /** Put before every key, without a slash at its end; empty for none. */
  readonly prefix: string;
  readonly region: string;
  /** Where the store answers; Amazon's own of the region when absent. */
  readonly endpoint?: string | undefined;
  /** Absent: found as Amazon's tools find them, such as the role of a machine or of a Kubernetes service account. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  /** Whether the bucket stands in the path of addresses rather than in their host name. */
  readonly pathStyle: boolean;
  /** Milliseconds without a sign of the store after which a request counts as failed; half a minute when not said. */
  readonly timeout?: number;
}

const CONNECT_WITHIN_MS = 3_000;
/** Milliseconds: enough for one part on a slow line. */
const ANSWER_WITHIN = 30_000;
/** Tries of one request, the first included. The SDK pauses between them. */
const MOST_ATTEMPTS = 3;

/**
 * Speaks with an S3-compatible store. The SDK is loaded at the first request: it takes 30 MB and a fifth of a second, which
 * nobody pays who keeps files in a folder.
 */
export class S3Connection {
  private opened: Promise<S3> | undefined;

  constructor(private readonly settings: S3Settings) {}

  /** Makes one request. @throws UnavailableError whose cause is an {@link S3Fault}, for whatever is not an answer. */
  async request<Answer>(work: (s3: S3) => Promise<Answer>): Promise<Answer> {
    try {
      return await work(await this.open());
    } catch (error) {
      throw new UnavailableError('object-storage', S3Fault.of(error));
    }
  }

  private open(): Promise<S3> {
    this.opened ??= this.load();
    return this.opened;
  }

  private async load(): Promise<S3> {
    const { S3 } = await import('@aws-sdk/client-s3');
    const { region, endpoint, credentials, pathStyle, timeout = ANSWER_WITHIN } = this.settings;
    return new S3({
      region,
      ...(endpoint !== undefined && { endpoint }),
      ...(credentials !== undefined && { credentials }),
      forcePathStyle: pathStyle,
      maxAttempts: MOST_ATTEMPTS,
      // The signature covers the SHA-256 of every body. Further checksums are what older stores do not know.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: {
        connectionTimeout: CONNECT_WITHIN_MS,
        requestTimeout: timeout,
        throwOnRequestTimeout: true,
        socketTimeout: timeout,
      },
    });
  }
}
