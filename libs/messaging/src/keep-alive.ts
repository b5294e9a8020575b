/** Milliseconds: a tenth of the time after which the broker takes a silent consumer for dead. */
const INTERVAL = 1_000;

/**
 * Gives signs of life while a piece of work lasts: kafkajs gives none of its own during a batch, so the broker would take
 * a consumer that is busy for dead, hand its work to another, and that one after it. A sign that fails means that the group
 * is rebalancing, which the consumer learns from the next one after the work.
 *
 * @returns what became of the work.
 */
export async function keepAlive<Result>(
  work: Promise<Result>,
  heartbeat: () => Promise<void>,
  interval = INTERVAL,
): Promise<Result> {
  const timer = setInterval(() => void heartbeat().catch(() => undefined), interval);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
