import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** One measured process. */
export interface WatchedProcess {
  readonly name: string;
  readonly pid: number;
}

/** Ticks a second of the times in `/proc/<pid>/stat`; fixed at 100 in the interface to user space (proc(5)). */
const TICKS_PER_SECOND = 100;
const SAMPLE_MS = 250;

/** Resident memory of a process in bytes; undefined where the system does not tell. */
export function residentBytes(pid: number): number | undefined {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(pid, 'status') ?? '')?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
}

/** Processor time a process has used so far, in seconds; undefined where the system does not tell. */
export function processorSeconds(pid: number): number | undefined {
  const stat = readProc(pid, 'stat');
  if (stat === undefined) return undefined;
  // The name, second field, may hold blanks; the times are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Processor time the whole machine has spent working, in seconds. */
export function machineSeconds(): number {
  return cpus().reduce((sum, { times }) => sum + (times.user + times.nice + times.sys + times.irq) / 1_000, 0);
}

/** Remembers the most memory each process ever held. */
export class MemoryWatch {
  readonly peaks = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly processes: readonly WatchedProcess[]) {
    this.timer = setInterval(() => this.sample(), SAMPLE_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.sample();
  }

  private sample(): void {
    for (const { name, pid } of this.processes) {
      const bytes = residentBytes(pid);
      if (bytes !== undefined) this.peaks.set(name, Math.max(bytes, this.peaks.get(name) ?? 0));
    }
  }
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
