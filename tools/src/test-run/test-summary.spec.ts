import { noReport, summarise, summaryLine } from './test-summary.js';

const report = {
  numPassedTests: 12,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
};

describe('the summary of a test run', () => {
  it('counts what passed and failed', () => {
    expect(summaryLine(summarise({ ...report, numFailedTests: 2 }))).toBe('12 passed, 2 failed');
  });

  it('counts a spec file that could not run as a failure', () => {
    expect(summaryLine(summarise({ ...report, numRuntimeErrorTestSuites: 1 }))).toBe('12 passed, 1 failed');
  });

  it('mentions skipped tests only when there are some', () => {
    expect(summaryLine(summarise(report))).toBe('12 passed, 0 failed');
    expect(summaryLine(summarise({ ...report, numPendingTests: 1, numTodoTests: 2 }))).toBe(
      '12 passed, 0 failed, 3 skipped',
    );
  });

  it('without a report is a failure', () => {
    expect(summaryLine(noReport)).toBe('0 passed, 1 failed');
  });
});
