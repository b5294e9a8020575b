import { configurationOrExit, gatewaySchema } from '@tessera/config';
import { startService } from '@tessera/http';
import { GatewayModule } from './gateway.module.js';
import { gatewayHttp, servePages } from './operations/gateway-http.js';

const configuration = configurationOrExit(gatewaySchema);
await startService({
  name: 'gateway',
  environment: configuration,
  module: (logger, metrics) => GatewayModule.with(configuration, logger, metrics),
  ...gatewayHttp(configuration),
  prepare: servePages,
});
