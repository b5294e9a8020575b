/** A store or broker did not answer in time, or refused for now. Nothing is wrong with the request: try again later. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';

  /** The message, which is for logs, also says why, as {@link reasonOf} tells it. */
  constructor(
    /** The dependency, as health checks name it: `mongodb`, `kafka`, `redis`, `object-storage`. */
    readonly dependency: string,
    cause: unknown,
  ) {
    super(`${dependency} is not available: ${reasonOf(cause)}`, { cause });
  }
}

/**
 * What a fault is called: its code, such as `ENOSPC` or `NoSuchBucket`, else its name. Its text only where the text is all
 * there is, as in errors of our own: that of drivers and of the file system may have addresses, paths and data in it.
 */
export function reasonOf(cause: unknown): string {
  if (cause instanceof UnavailableError) return reasonOf(cause.cause);
  if (!(cause instanceof Error)) return typeof cause;
  const { name, message } = cause;
  const code: unknown = 'code' in cause ? cause.code : undefined;
  if (typeof code === 'string' && code !== '') return code;
  if (typeof code === 'number') return `${name} ${code}`;
  return name === 'Error' ? message : name;
}
