/** The parts of Jest's JSON report (`--json`) that are counted. */
export interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** Spec files that failed before any of their tests could run. */
  readonly numRuntimeErrorTestSuites: number;
}

/** What a run of the tests came to. */
export interface TestSummary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** A run that ended without a report: nothing passed, and that is one failure. */
export const noReport: TestSummary = { passed: 0, failed: 1, skipped: 0 };

/** A spec file that could not run counts as one failed test: its tests are not known. */
export function summarise(report: JestReport): TestSummary {
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** The line a run ends with. */
export function summaryLine({ passed, failed, skipped }: TestSummary): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
