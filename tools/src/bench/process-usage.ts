import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** One measured process. */
export interface WatchedProcess {
  readonly name: string;
  readonly pid: number;
}

/** Ticks a second of the times in `/proc/<pid>/stat`; fixed at 100 in the interface to user space (proc(5)). */
const TICKS_PER_SECOND = 100;

/** Resident memory of a process in bytes; undefined where the system does not tell. */
export function residentBytes(pid: number): number | undefined {
  return statusBytes(pid, 'VmRSS');
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

/** The most memory each process ever held, in bytes, as the system remembers it: sampling would disturb what is measured. */
export function peakMemory(processes: readonly WatchedProcess[]): ReadonlyMap<string, number> {
  return new Map(
    processes.flatMap(({ name, pid }) => {
      const bytes = statusBytes(pid, 'VmHWM');
      return bytes === undefined ? [] : [[name, bytes] as const];
    }),
  );
}

function statusBytes(pid: number, field: 'VmRSS' | 'VmHWM'): number | undefined {
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readProc(pid, 'status') ?? '')?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
