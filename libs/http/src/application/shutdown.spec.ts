import { Controller, Get, Module, type OnApplicationShutdown } from '@nestjs/common';
import { createLogger, Metrics } from '@tessera/observability';
import { createHttpApplication, Public } from '../index.js';

const steps: string[] = [];
const arrival = Promise.withResolvers<undefined>();
const release = Promise.withResolvers<undefined>();

@Controller()
class SlowController {
  @Get('slow')
  @Public()
  async slow() {
    arrival.resolve(undefined);
    await release.promise;
    steps.push('answered');
    return { done: true };
  }
}

class Store implements OnApplicationShutdown {
  onApplicationShutdown(): void {
    steps.push('store closed');
  }
}

@Module({ controllers: [SlowController], providers: [{ provide: Store, useValue: new Store() }] })
class SlowModule {}

describe('stopping', () => {
  it('takes no new calls, finishes those in hand, and closes the stores only then', async () => {
    const application = await createHttpApplication(SlowModule, {
      logger: createLogger('example', 'silent'),
      metrics: new Metrics('example'),
    });
    await application.listen(0, '127.0.0.1');
    const url = `${await application.getUrl()}/slow`;
    const inHand = fetch(url);
    await arrival.promise;

    const closed = application.close();
    await expect(untilRefused(url)).resolves.toBe(true);
    expect(steps).toEqual([]);
    release.resolve(undefined);

    expect(await (await inHand).json()).toEqual({ done: true });
    await closed;
    expect(steps).toEqual(['answered', 'store closed']);
  });
});

/** Opens a new connection each time, as a kept one may still be served. */
async function untilRefused(url: string): Promise<boolean> {
  for (;;) {
    try {
      await fetch(url.replace('/slow', '/absent'), { headers: { connection: 'close' } });
    } catch {
      return true;
    }
  }
}
