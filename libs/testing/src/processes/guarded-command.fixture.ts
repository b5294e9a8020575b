import { join } from 'node:path';
import { ManagedProcess } from './managed-process.js';
import { ProcessGuard } from './process-guard.js';

/** A command like any other, for `process-guard.spec.ts` to kill: it starts processes, says so, and waits. */
const folder = process.argv[2]!;
const guard = ProcessGuard.start();
guard.remove(folder);
const launch = (name: string, script: string): ManagedProcess =>
  ManagedProcess.launch({
    name,
    command: 'sh',
    args: ['-c', script],
    environment: { PATH: process.env['PATH'] },
    folder,
    output: join(folder, `${name}.log`),
    guard,
  });
const family = launch('family', 'sleep 600 & echo $!; wait');
const deaf = launch('deaf', 'trap "" TERM; echo ready; while :; do sleep 1; done');
const waiting = setInterval(() => {
  if (!family.outputTail() || !deaf.outputTail()) return;
  clearInterval(waiting);
  console.log(
    JSON.stringify({ guard: guard.pid, parent: family.pid, child: Number(family.outputTail()), deaf: deaf.pid }),
  );
}, 20);
