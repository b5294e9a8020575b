import { Module, type DynamicModule } from '@nestjs/common';
import { EdgeController } from './edge.controller.js';
import { EdgeService } from './edge.service.js';

export interface EdgeParts {
  /** Where edges answer, by data centre; under the empty name that of all others. Undefined: there is none. */
  readonly addresses: ReadonlyMap<string, string> | undefined;
  /** Milliseconds after which one counts as down. */
  readonly timeout: number;
}

/** The way to the edge. */
@Module({})
export class EdgeModule {
  static with({ addresses, timeout }: EdgeParts): DynamicModule {
    return {
      module: EdgeModule,
      controllers: [EdgeController],
      providers: [{ provide: EdgeService, useValue: new EdgeService(addresses, timeout) }],
    };
  }
}
