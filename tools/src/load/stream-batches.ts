import { setTimeout as delay } from 'node:timers/promises';
import type { BatchAnswer } from '../client/answers.js';
import { UnexpectedAnswerError, type Answer } from '../client/http-client.js';
import type { RecordMessage } from '../client/record-message.js';
import type { TesseraClient } from '../client/tessera-client.js';
import { chunksOf, mapConcurrently } from './pool.js';

export interface StreamOptions {
  readonly batchSize: number;
  /** Batches sent and not yet answered. */
  readonly inFlight: number;
  /** Called with the number of records of each batch once it is answered. */
  readonly onProgress?: (records: number) => void;
}

/** What the gateway said to a stream of records. */
export interface StreamResult {
  readonly accepted: number;
  /** One line for each record that was refused at the door. */
  readonly refusals: readonly string[];
  /** Times the gateway asked to wait (429). */
  readonly waits: number;
}

/**
 * Streams records as a producer would: in batches, several in flight, waiting as long as the gateway says when it is
 * asked to slow down.
 *
 * @throws UnexpectedAnswerError when a batch is refused as a whole.
 */
export async function streamBatches(
  client: TesseraClient,
  inletId: string,
  messages: readonly RecordMessage[],
  options: StreamOptions,
): Promise<StreamResult> {
  let waits = 0;
  const answers = await mapConcurrently(chunksOf(messages, options.batchSize), options.inFlight, async (batch) => {
    for (;;) {
      const answer = await client.tryStreamBatch(inletId, batch);
      if (answer.status !== 429) {
        options.onProgress?.(batch.length);
        return taken(inletId, answer);
      }
      waits++;
      await delay(retryAfter(answer) * 1_000);
    }
  });
  const responses = answers.flatMap((answer) => answer.responses);
  const refused = responses.filter((response) => response.xactionId === undefined);
  return {
    accepted: responses.length - refused.length,
    refusals: refused.map((response) => `${response.statusCode}: ${response.message}`),
    waits,
  };
}

function taken(inletId: string, answer: Answer): BatchAnswer {
  if (answer.status === 207) return answer.body as BatchAnswer;
  throw new UnexpectedAnswerError({ method: 'POST', path: `/collection/batch/${inletId}` }, answer);
}

/** Seconds the answer asks to wait; a second where it does not say (RFC 9110 §10.2.3, delay-seconds). */
export function retryAfter(answer: Answer): number {
  const seconds = Number(answer.headers['retry-after'] ?? 1);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : 1;
}
