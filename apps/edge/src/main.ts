import { configurationOrExit, edgeSchema } from '@tessera/config';
import { startService } from '@tessera/http';
import { EdgeModule } from './edge.module.js';

const configuration = configurationOrExit(edgeSchema);
await startService({
  name: 'edge',
  environment: configuration,
  module: (logger, metrics) => EdgeModule.with(configuration, logger, metrics),
  hasAccessControl: true,
});
