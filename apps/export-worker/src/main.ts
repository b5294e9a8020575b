import { configurationOrExit, exportWorkerSchema } from '@tessera/config';
import { startService } from '@tessera/http';
import { ExportWorkerModule } from './export-worker.module.js';

const configuration = configurationOrExit(exportWorkerSchema);
await startService({
  name: 'export-worker',
  environment: configuration,
  module: (logger, metrics) => ExportWorkerModule.with(configuration, logger, metrics),
  givesWay: true,
});
