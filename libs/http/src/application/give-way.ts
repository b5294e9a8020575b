import { readFileSync, writeFileSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';

/** Of the session of the process; only Linux has it, and only where it shares processors among sessions. */
const SESSION_PRIORITY = '/proc/self/autogroup';

/**
 * Lowers the priority of this process, so that others go first where processors are scarce. It is never raised: a process
 * that was started with an even lower one may not.
 *
 * Linux may share processors among sessions first, whatever the priorities of their processes (`sched(7)`, "The autogroup
 * feature"). So a process that leads a session lowers that, too; in a session of somebody else's it is not its to lower.
 */
export function giveWay(): void {
  const { PRIORITY_BELOW_NORMAL } = constants.priority;
  setPriority(Math.max(getPriority(), PRIORITY_BELOW_NORMAL));
  if (sessionOf(process.pid) !== process.pid) return;
  const current = sessionPriority(process.pid);
  if (current === undefined || current >= PRIORITY_BELOW_NORMAL) return;
  try {
    writeFileSync(SESSION_PRIORITY, String(PRIORITY_BELOW_NORMAL));
  } catch {
    // Read-only in most containers, which have shares of their own; the process runs all the same.
  }
}

/** Priority of the session that a process is in; undefined where the system has no such thing. */
function sessionPriority(pid: number): number | undefined {
  const nice = /nice (-?\d+)/.exec(readOr(`/proc/${pid}/autogroup`, ''))?.[1];
  return nice === undefined ? undefined : Number(nice);
}

/** The leader of the session that a process is in (`proc(5)`, field 6 of `stat`). */
function sessionOf(pid: number): number | undefined {
  // The name of the program stands in parentheses, and may contain anything.
  const afterName = readOr(`/proc/${pid}/stat`, '').split(') ').at(-1)?.split(' ');
  return afterName?.[3] === undefined ? undefined : Number(afterName[3]);
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}
