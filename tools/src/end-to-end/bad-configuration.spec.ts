import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { workspaceRoot } from '@tessera/testing';

/** Real: the built services, which end before they connect to anything. */
describe('a service whose configuration is not right', () => {
  it.each(['gateway', 'ingestion-worker', 'merge-worker', 'deletion-worker'])(
    'ends with the list of faults alone (%s)',
    (service) => {
      const ended = spawnSync(process.execPath, [join(workspaceRoot(), 'dist/apps', service, 'main.js')], {
        env: { PORT: 'eighty', KAFKA_BROKERS: 'nowhere' },
        encoding: 'utf8',
      });
      expect(ended.status).toBe(1);
      expect(ended.stdout).toBe('');
      const [head, ...faults] = ended.stderr.trimEnd().split('\n');
      expect(head).toMatch(/^The configuration has \d+ fault\(s\):$/);
      expect(faults.length).toBeGreaterThan(2);
      for (const fault of faults) expect(fault).toMatch(/^ {2}[A-Z_]+(\.\d+)?: /);
      expect(faults.join()).toContain('MONGODB_URI');
    },
  );
});
