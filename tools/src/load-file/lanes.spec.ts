import type { Body } from './body.js';
import type { Reply } from './destination.js';
import { Lanes } from './lanes.js';
import { LoadSummary } from './load-summary.js';

const ROWS = 10;
const BODIES = 6;
const bodies = Array.from({ length: BODIES }, (_, index): Body => {
  const rows = Array.from({ length: ROWS }, (_, row) => index * ROWS + row);
  return { rows, messages: rows.map(String) };
});
const rowsIn = (text: string) => (JSON.parse(text) as { messages: number[] }).messages;
const taking = (text: string): Reply => ({
  kind: 'taken',
  responses: rowsIn(text).map((row) => ({ xactionId: `x:${row}` })),
});
const away: Reply = { kind: 'unavailable', seconds: 0, detail: 'it answers 503' };

describe('lanes with more bodies than there are lanes', () => {
  /** Sends all the bodies, however it goes on the way. */
  async function sendAll(width: number, send: (text: string) => Reply) {
    const summary = new LoadSummary();
    const sent: number[] = [];
    const lanes = new Lanes(width, {
      send: async (text) => {
        sent.push(rowsIn(text)[0] as number);
        await Promise.resolve();
        return send(text);
      },
      summary,
      patienceSeconds: 0,
      stopped: new AbortController().signal,
    });
    for (const body of bodies) {
      summary.read += body.rows.length;
      await lanes.take(body);
    }
    await lanes.end();
    return { lanes, summary, sent };
  }

  it.each([1, 2, 5])('deliver every body once, in order (%i lanes)', async (width) => {
    const { lanes, summary, sent } = await sendAll(width, taking);
    expect(lanes).toMatchObject({ failure: undefined, firstOpenRow: undefined });
    expect(sent).toEqual(bodies.map(({ rows }) => rows[0]));
    expect(summary).toMatchObject({ sent: 60, accepted: 60, unsent: 0, unanswered: 0 });
  });

  it.each([1, 2, 5])('send no more once a body is refused as a whole, and end (%i lanes)', async (width) => {
    const { lanes, summary, sent } = await sendAll(width, () => {
      throw new Error('There is no such inlet');
    });
    expect(lanes.failure?.message).toBe('There is no such inlet');
    expect(lanes.firstOpenRow).toBe(0);
    expect(sent.length).toBeLessThanOrEqual(width);
    expect(summary).toMatchObject({ sent: sent.length * ROWS, accepted: 0, unanswered: sent.length * ROWS });
    expect(summary.unsent).toBe(BODIES * ROWS - summary.sent);
  });

  it.each([1, 2, 5])('send no more once patience with a body is over, and end (%i lanes)', async (width) => {
    const { lanes, summary } = await sendAll(width, (text) => (rowsIn(text)[0] === 10 ? away : taking(text)));
    expect(lanes.failure?.message).toContain('it answers 503');
    expect(lanes.firstOpenRow).toBe(10);
    expect(summary.unanswered).toBe(ROWS);
    expect(summary.accepted).toBe(summary.sent - ROWS);
    expect(summary.unsent).toBe(BODIES * ROWS - summary.sent);
  });
});
