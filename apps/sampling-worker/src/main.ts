import { configurationOrExit, samplingWorkerSchema } from '@tessera/config';
import { startService } from '@tessera/http';
import { SamplingWorkerModule } from './sampling-worker.module.js';

const configuration = configurationOrExit(samplingWorkerSchema);
await startService({
  name: 'sampling-worker',
  environment: configuration,
  module: (logger, metrics) => SamplingWorkerModule.with(configuration, logger, metrics),
  givesWay: true,
});
