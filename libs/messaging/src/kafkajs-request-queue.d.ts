/** What is used of a part of kafkajs that has no types. */
declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    constructor(options: {
      readonly maxInFlightRequests: number | null;
      readonly requestTimeout: number;
      readonly enforceRequestTimeout: boolean;
      readonly clientId: string;
      readonly broker: string;
      readonly logger: Readonly<Record<'debug' | 'warn', () => void>>;
    });
    readonly pending: readonly object[];
    /** Set while a timer runs that will look for requests to send. */
    readonly throttleCheckTimeoutId: object | null;
    push(request: {
      readonly entry: { readonly correlationId: number; readonly [name: string]: unknown };
      readonly expectResponse: boolean;
      readonly sendRequest: () => void;
    }): void;
    fulfillRequest(response: { readonly correlationId: number; readonly size: number; readonly payload: Buffer }): void;
    maybeThrottle(milliseconds: number): void;
    destroy(): void;
    scheduleCheckPendingRequests: (this: RequestQueue) => void;
  }
}
