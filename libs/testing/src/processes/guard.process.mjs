/**
 * The guard: a separate process that outlives the command that started it, by design only for a moment.
 * It reads registrations, one JSON object a line, on standard input. The other end of that pipe is closed by the
 * kernel when the command dies, however it dies; then everything still registered is stopped and removed.
 *
 * {"watch": 123} / {"forget": 123}   a process group
 * {"remove": "/folder"}              a folder to delete at the end
 * {"finally": ["docker", "rm", …]}   a command to run once the groups are gone
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const GRACE_MS = 10_000;
const POLL_MS = 50;

const groups = new Set();
const folders = new Set();
const commands = [];

// A signal sent to everything at once must not end the guard before its work is done; the closed pipe does.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  let message;
  try {
    message = JSON.parse(line);
  } catch {
    return; // The last line of a command that died while writing it.
  }
  if (message.watch > 1) groups.add(message.watch);
  if (message.forget) groups.delete(message.forget);
  if (message.remove) folders.add(message.remove);
  if (message.finally) commands.push(message.finally);
});
lines.on('close', () => void cleanUp());

async function cleanUp() {
  const deadline = Date.now() + GRACE_MS;
  signalAll('SIGTERM');
  while (Date.now() < deadline && [...groups].some(isAlive)) await delay(POLL_MS);
  signalAll('SIGKILL');
  while (Date.now() < deadline + 2_000 && [...groups].some(isAlive)) await delay(POLL_MS);
  for (const [command, ...args] of commands) spawnSync(command, args, { stdio: 'ignore', timeout: GRACE_MS });
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

function signalAll(signal) {
  for (const group of groups) {
    try {
      process.kill(-group, signal);
    } catch {
      groups.delete(group);
    }
  }
}

/** A zombie counts as dead: where nothing reaps orphans it would otherwise be waited for in vain. */
function isAlive(group) {
  try {
    process.kill(-group, 0);
  } catch {
    return false;
  }
  const states = statesOf(group);
  return states === undefined || states.some((state) => state !== 'Z' && state !== 'X');
}

/** States of the members of a group as Linux lists them (proc(5)); undefined elsewhere. */
function statesOf(group) {
  let pids;
  try {
    pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return undefined;
  }
  return pids.flatMap((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [state, , processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(processGroup) === group ? [state] : [];
    } catch {
      return [];
    }
  });
}

function delay(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
