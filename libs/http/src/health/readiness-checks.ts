import { setTimeout as after } from 'node:timers/promises';

/** Resolves when a dependency answers; rejects, with whatever, when it does not. */
export type ReadinessCheck = () => Promise<unknown>;

export interface CheckResult {
  readonly status: 'up' | 'down';
  /** Milliseconds the check took. */
  readonly duration: number;
}

/** What a service depends on, by name. All are asked at once, and none for longer than the time given. */
export class ReadinessChecks {
  /** @param timeout milliseconds after which a dependency that has not answered is down. */
  constructor(
    private readonly checks: Readonly<Record<string, ReadinessCheck>>,
    private readonly timeout = 2_000,
  ) {}

  async run(): Promise<Readonly<Record<string, CheckResult>>> {
    const entries = Object.entries(this.checks).map(async ([name, check]) => [name, await this.runOne(check)] as const);
    return Object.fromEntries(await Promise.all(entries));
  }

  private async runOne(check: ReadinessCheck): Promise<CheckResult> {
    const started = performance.now();
    const stopWaiting = new AbortController();
    const status = await Promise.race([
      check().then(
        () => 'up' as const,
        () => 'down' as const,
      ),
      after(this.timeout, 'down' as const, { signal: stopWaiting.signal, ref: false }).catch(() => 'down' as const),
    ]);
    stopWaiting.abort();
    return { status, duration: Math.round(performance.now() - started) };
  }
}
