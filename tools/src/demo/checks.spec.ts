import { Checks } from './checks.js';

describe('the checks of the demo', () => {
  it('remember nothing while every figure is the expected one', () => {
    const checks = new Checks();
    checks.equal('accepted', 3, 3);
    checks.none('profiles', 10, []);
    expect([checks.failures, checks.count]).toEqual([[], 11]);
  });

  it('say which figure is wrong and what it should be', () => {
    const checks = new Checks();
    checks.equal('duplicates', 299, 300);
    expect(checks.failures).toEqual(['duplicates: 299, but the data says 300']);
  });

  it('count every difference and quote the first three', () => {
    const checks = new Checks();
    checks.none('profiles', 10, ['a', 'b', 'c', 'd']);
    expect(checks.failures).toEqual(['profiles: 4 of 10 differ, such as a; b; c']);
  });
});
