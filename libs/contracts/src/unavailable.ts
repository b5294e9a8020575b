/** A store or broker did not answer in time, or refused for now. Nothing is wrong with the request: try again later. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';

  constructor(
    /** The dependency, as health checks name it: `mongodb`, `kafka`, `redis`, `object-storage`. */
    readonly dependency: string,
    cause: unknown,
  ) {
    super(`${dependency} is not available`, { cause });
  }
}
