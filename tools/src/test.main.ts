import { runCommand } from './command/command.js';
import { startServers } from './servers/start-servers.js';
import { runJest } from './test-run/run-jest.js';
import { noReport, summaryLine, type TestSummary } from './test-run/test-summary.js';

/** `npm test`: every test on real servers. The summary is the last line, also when the servers could not be started. */
let summary: TestSummary = noReport;
await runCommand(
  async (command) => {
    const started = Date.now();
    const servers = await startServers(command, { s3: true });
    command.report(
      `Kafka, MongoDB, Redis and SeaweedFS are ready after ${((Date.now() - started) / 1_000).toFixed(1)} s.`,
    );
    const result = await runJest(command, servers, process.argv.slice(2));
    summary = result.summary;
    return result.code;
  },
  () => console.log(summaryLine(summary)),
);
