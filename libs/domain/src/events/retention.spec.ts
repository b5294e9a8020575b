import { parseRetention } from './retention.js';

const DAY = 86_400_000;

describe('how long events are kept', () => {
  it.each([
    ['P1D', 1],
    ['P30D', 30],
    ['P2W', 14],
    ['P6M', 180],
    ['P1Y', 365],
    ['P1Y2M3W4D', 365 + 60 + 21 + 4],
    ['P100Y', 36_500],
  ])('reads %s as %d days', (text, days) => {
    expect(parseRetention(text)).toBe(days * DAY);
  });

  it.each([
    '',
    'P',
    'P0D',
    'P1',
    '30D',
    'p1d',
    'P1.5D',
    'P-1D',
    'PT24H',
    'P1DT1H',
    'P1D2W',
    'P36501D',
    'P9999999D',
    'P1D\n',
  ])('refuses %j', (text) => {
    expect(parseRetention(text)).toBeUndefined();
  });
});
