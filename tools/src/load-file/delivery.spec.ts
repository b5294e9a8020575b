import type { Body } from './body.js';
import { deliver } from './delivery.js';
import type { Reply } from './destination.js';
import { LoadSummary } from './load-summary.js';

const bodyOf = (count: number): Body => ({
  rows: Array.from({ length: count }, (_, index) => 100 + index),
  messages: Array.from({ length: count }, (_, index) => `{"n":${index}}`),
});
const messagesIn = (text: string) => (JSON.parse(text) as { messages: { n: number }[] }).messages;
const taking = (text: string): Reply => ({
  kind: 'taken',
  responses: messagesIn(text).map(({ n }) =>
    n === 2 ? { statusCode: 400, message: 'no dataset' } : { xactionId: `x:${n}` },
  ),
});

describe('delivering a body', () => {
  let summary: LoadSummary;
  beforeEach(() => {
    summary = new LoadSummary();
  });

  function delivering(
    count: number,
    send: (text: string) => Reply,
    patienceSeconds = 60,
    stopped = new AbortController(),
  ) {
    summary.sent += count;
    return deliver(bodyOf(count), {
      send: (text) => Promise.resolve(send(text)),
      summary,
      patienceSeconds,
      stopped: stopped.signal,
    });
  }

  it('counts what was accepted, and what was refused with its row', async () => {
    await delivering(4, taking);
    expect(summary).toMatchObject({ accepted: 3, refused: 1, unanswered: 0, repeats: 0 });
    expect(summary.refusedReasons).toEqual([{ text: '400: no dataset', rows: 1, examples: [102] }]);
  });

  it('is tried again while the gateway is busy or away', async () => {
    const replies: Reply[] = [
      { kind: 'slow-down', seconds: 0.01 },
      { kind: 'unavailable', seconds: 0, detail: 'there is no answer' },
    ];
    await delivering(2, (text) => replies.shift() ?? taking(text));
    expect(summary).toMatchObject({ accepted: 2, repeats: 2 });
  });

  it('is done in halves, in order, while it is too large, and refuses what is too large alone', async () => {
    const sent: number[][] = [];
    await delivering(5, (text) => {
      const messages = messagesIn(text);
      if (messages.length > 2 || messages.some(({ n }) => n === 4)) return { kind: 'too-large' };
      sent.push(messages.map(({ n }) => n));
      return taking(text);
    });
    expect(sent).toEqual([[0, 1], [2], [3]]);
    expect(summary).toMatchObject({ accepted: 3, refused: 2, unanswered: 0 });
  });

  it('is given up when the gateway stays away for longer than one has patience', async () => {
    const away: Reply = { kind: 'unavailable', seconds: 0, detail: 'it answers 503' };
    await expect(delivering(3, () => away, 0)).rejects.toThrow('it answers 503');
    expect(summary.unanswered).toBe(3);
  });

  it('does not wait on when the command is stopped', async () => {
    const stop = new AbortController();
    const waiting = delivering(
      1,
      () => {
        queueMicrotask(() => stop.abort());
        return { kind: 'slow-down', seconds: 3_600 };
      },
      60,
      stop,
    );
    await expect(waiting).rejects.toThrow('Stopped');
  });
});
