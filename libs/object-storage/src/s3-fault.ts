/** What an S3-compatible store, or the way to it, said against a request; nothing of the request itself. */
export class S3Fault extends Error {
  override readonly name = 'S3Fault';

  constructor(
    /** As the store calls it, such as `NoSuchKey`; else what Node or the SDK calls it. */
    readonly code: string,
    text: string,
    /** HTTP status, where the store answered. */
    readonly status?: number,
  ) {
    super(text === '' ? code : `${code}: ${text}`);
  }

  /** The SDK's errors carry whole answers and the id of a key; of those, code and text are kept. */
  static of(error: unknown): S3Fault {
    if (error instanceof S3Fault) return error;
    const { name = 'Error', code, message = '', $metadata, errors } = (error ?? {}) as Partial<SdkError>;
    // Node tries several addresses of one name, and then tells of each.
    const text = message !== '' ? message : (errors ?? []).map((one) => one.message).join(', ');
    const status = $metadata?.httpStatusCode;
    return new S3Fault(status === undefined ? (code ?? name) : name, text, status);
  }

  /** Whether there is no object of the key; a HEAD that is answered so does not say whether there is a bucket. */
  get isMissing(): boolean {
    return this.code === 'NoSuchKey' || (this.code === 'NotFound' && this.status === 404);
  }

  /** Whether an object ends before the range that was asked for. */
  get isBeyondEnd(): boolean {
    return this.status === 416;
  }

  /** What whoever runs the service can do about it. */
  get advice(): string {
    switch (this.code) {
      case 'NoSuchBucket':
        return 'create the bucket, or correct OBJECT_STORAGE_URL';
      case 'AccessDenied':
      case 'InvalidAccessKeyId':
      case 'SignatureDoesNotMatch':
      case 'CredentialsProviderError':
      case 'ExpiredToken':
        return 'check OBJECT_STORAGE_ACCESS_KEY_ID and OBJECT_STORAGE_SECRET_ACCESS_KEY, and what they permit';
      case 'AuthorizationHeaderMalformed':
      case 'PermanentRedirect':
        return 'check OBJECT_STORAGE_REGION';
      default:
        return 'check OBJECT_STORAGE_ENDPOINT and whether the store runs';
    }
  }
}

interface SdkError {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly errors: readonly Error[];
  readonly $metadata: { readonly httpStatusCode?: number };
}
