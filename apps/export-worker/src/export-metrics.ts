import type { Counter, Histogram, Metrics } from '@tessera/observability';
import type { ExportPartDone } from '@tessera/stores';

/** What this process tells Prometheus of its exports. */
export class ExportMetrics {
  private readonly profiles: Counter;
  private readonly bytes: Counter;
  private readonly partSeconds: Histogram;
  private readonly exports: Counter;
  private readonly exportSeconds: Histogram;

  constructor(metrics: Metrics) {
    this.profiles = metrics.counter({
      name: 'tessera_exported_profiles_total',
      help: 'Profiles written into files, repetitions included.',
    });
    this.bytes = metrics.counter({
      name: 'tessera_exported_bytes_total',
      help: 'Bytes of files written, repetitions included.',
    });
    this.partSeconds = metrics.histogram({
      name: 'tessera_export_part_seconds',
      help: 'Time to write the files of one range of people.',
      buckets: [0.1, 0.5, 1, 2, 5, 10, 20, 60, 120, 300],
    });
    this.exports = metrics.counter({ name: 'tessera_exports_total', help: 'Exports published.' });
    this.exportSeconds = metrics.histogram({
      name: 'tessera_export_seconds',
      help: 'Time from the creation of an export until its batch is visible.',
      buckets: [1, 5, 10, 30, 60, 300, 900, 1_800, 3_600],
    });
  }

  /** Times a part. @returns what to call once it is done. */
  startPart(): (done: ExportPartDone) => void {
    const stop = this.partSeconds.startTimer();
    return ({ profiles, files }) => {
      stop();
      this.profiles.inc(profiles);
      this.bytes.inc(files.reduce((sum, { size }) => sum + size, 0));
    };
  }

  exported(createdAt: number): void {
    this.exports.inc();
    this.exportSeconds.observe((Date.now() - createdAt) / 1_000);
  }
}
