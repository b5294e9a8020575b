import { readFileSync, writeFileSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';

/** Of the session of this process; only Linux has it, and only where it shares processors among sessions. */
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
  try {
    if (!leadsSession() || !(sessionPriority() < PRIORITY_BELOW_NORMAL)) return;
    writeFileSync(SESSION_PRIORITY, String(PRIORITY_BELOW_NORMAL));
  } catch {
    // Not there, or read-only as in most containers, which have shares of their own; the process runs all the same.
  }
}

/** Whether the session is this process's own (`proc(5)`, field 6 of `stat`). */
function leadsSession(): boolean {
  // The name of the program stands in parentheses, and may contain anything.
  const afterName = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ');
  return Number(afterName?.[3]) === process.pid;
}

/** Not a number where it says none. */
function sessionPriority(): number {
  return Number(/nice (-?\d+)/.exec(readFileSync(SESSION_PRIORITY, 'utf8'))?.[1]);
}
