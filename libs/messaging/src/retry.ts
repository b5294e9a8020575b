import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds between two signs of life of a consumer that waits. */
const STEP = 500;

/** How a batch is brought to an end. Generic over the message so that the rule can be tested without a broker. */
export interface Handling<Message> {
  readonly handle: (messages: readonly Message[]) => Promise<void>;
  readonly handlePoison: (message: Message, error: unknown) => Promise<void>;
  /** Whether an error means that something the handler needs is down. */
  readonly isOutage: (error: unknown) => boolean;
  /** Turns false when the batch is no longer this consumer's to handle. */
  readonly goesOn: () => boolean;
  /** Keeps the group membership alive; rejects when the group is rebalancing. */
  readonly heartbeat: () => Promise<void>;
  readonly onFailure: (error: unknown, attempt: number) => void;
  /** Milliseconds before the attempt after the `attempt`-th. */
  readonly backOff?: (attempt: number) => number;
  /** Whole-batch attempts before the messages at fault are looked for. */
  readonly attemptsBeforeNarrowing?: number;
}

/**
 * Handles a batch however long it takes. An outage holds the batch back and is tried again. Another failure is tried a few
 * times, then message by message: those that fail while a neighbour succeeds are poison and put aside; if all fail, it is an
 * outage after all. (A single message has no neighbour to tell by: it is poison once it failed every attempt.)
 *
 * @returns false when the batch was given up because {@link Handling.goesOn} turned false.
 */
export async function untilHandled<Message>(
  messages: readonly Message[],
  handling: Handling<Message>,
): Promise<boolean> {
  const attempts = handling.attemptsBeforeNarrowing ?? 3;
  const backOff = handling.backOff ?? ((attempt: number) => Math.min(100 * 2 ** Math.min(attempt, 6), 5_000));
  for (let attempt = 1, failures = 0; handling.goesOn(); attempt += 1) {
    try {
      await handling.handle(messages);
      return true;
    } catch (error) {
      handling.onFailure(error, attempt);
      if (!handling.isOutage(error)) failures += 1;
      if (failures >= attempts && (await narrowDown(messages, handling))) return true;
    }
    await waitAlive(backOff(attempt), handling);
  }
  return false;
}

/** Handles each message alone; true when every one was either handled or put aside. */
async function narrowDown<Message>(messages: readonly Message[], handling: Handling<Message>): Promise<boolean> {
  const failed: { message: Message; error: unknown }[] = [];
  for (const message of messages) {
    try {
      await handling.handle([message]);
    } catch (error) {
      if (handling.isOutage(error)) return false;
      failed.push({ message, error });
    }
    await handling.heartbeat();
  }
  if (failed.length === messages.length && messages.length > 1) return false;
  for (const { message, error } of failed) await handling.handlePoison(message, error);
  return true;
}

/** Waits in steps short enough for the group's heartbeat, which follows each: no wait is so short that it passes without. */
async function waitAlive<Message>(milliseconds: number, handling: Handling<Message>): Promise<void> {
  for (let left = milliseconds; left > 0 && handling.goesOn(); left -= STEP) {
    await delay(Math.min(STEP, left));
    await handling.heartbeat();
  }
}
