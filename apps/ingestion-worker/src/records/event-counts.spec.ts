import fc from 'fast-check';
import { UnavailableError } from '@tessera/contracts';
import type { IncomingMessage } from '@tessera/messaging';
import { Ledger } from '@tessera/stores';
import { EVENT, handlerBench } from './record-handler.fixture.js';

class UnreachableLedger extends Ledger {
  override record(): Promise<void> {
    return Promise.reject(new UnavailableError('mongodb', undefined));
  }
}

/** Real: MongoDB and Kafka. A worker that dies between writing and counting is one whose counting fails. */
describe('repeats of one event', () => {
  const bench = handlerBench();
  const { dataset, message, person, counts, newHandler } = bench;

  beforeAll(() => bench.open());
  afterAll(() => bench.close());

  /** Which of the messages a worker takes at once, and whether it dies before it has counted them. */
  const turn = fc.record({ taken: fc.subarray([0, 1, 2, 3], { minLength: 1 }), dies: fc.boolean() });

  it('are counted as one applied and the others duplicate, in whatever order they come and whenever workers die', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { maxLength: 8 }), async (turns) => {
        const id = await dataset(EVENT);
        const visit = person('ada', { _id: 'e1', timestamp: '2026-01-01T00:00:00Z' });
        const messages = [0, 1, 2, 3].map((partition) => message(id, visit, { partition }));
        const left = new Set(messages);
        for (const { taken, dies } of [...turns, { taken: [0, 1, 2, 3], dies: false }]) {
          const batch = taken.map((index) => messages[index] as IncomingMessage).filter((each) => left.has(each));
          if (batch.length === 0) continue;
          if (dies) {
            await expect(newHandler(new UnreachableLedger(bench.database)).handle(batch)).rejects.toThrow(
              UnavailableError,
            );
            continue;
          }
          await newHandler().handle(batch);
          batch.forEach((each) => left.delete(each));
        }
        expect(await counts(id)).toMatchObject({ applied: 1, stored: 1, duplicate: 3 });
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
