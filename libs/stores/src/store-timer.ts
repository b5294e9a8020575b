import type { AbstractCursor } from 'mongodb';
import { traceOperation, type Histogram, type Metrics } from '@tessera/observability';

/** Tells Prometheus how long the store takes, as its callers see it: waiting for a connection included. */
export class StoreTimer {
  private readonly seconds: Histogram<'collection' | 'operation' | 'outcome'>;

  constructor(metrics: Metrics) {
    this.seconds = metrics.histogram({
      name: 'tessera_store_seconds',
      help: 'Time of operations on the store, by collection, operation and whether they succeeded.',
      labels: ['collection', 'operation', 'outcome'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30],
    });
  }

  /** Times what was just asked. */
  time<Result>(collection: string, operation: string, asked: Promise<Result>): Promise<Result> {
    const started = performance.now();
    const end = (outcome: 'done' | 'failed') =>
      this.seconds.observe({ collection, operation, outcome }, (performance.now() - started) / 1_000);
    return traceOperation(collection, operation, asked).then(
      (result) => {
        end('done');
        return result;
      },
      (error: unknown) => {
        end('failed');
        throw error;
      },
    );
  }

  /** Times a cursor when all of it is read at once. */
  timeWhole(collection: string, operation: string, cursor: AbstractCursor): void {
    const timed = cursor as TimedCursor;
    timed[timing] = { timer: this, collection, operation };
    timed.toArray = timedToArray;
  }
}

const timing = Symbol('timing');

interface TimedCursor extends AbstractCursor {
  [timing]: { readonly timer: StoreTimer; readonly collection: string; readonly operation: string };
}

/** One function for all cursors: with one made for each, what they hold would not die young (`open-items.ts`). */
function timedToArray(this: TimedCursor): Promise<unknown[]> {
  const { timer, collection, operation } = this[timing];
  const prototype = Object.getPrototypeOf(this) as AbstractCursor;
  return timer.time(collection, operation, prototype.toArray.call(this));
}
