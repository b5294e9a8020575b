import { Module, type DynamicModule } from '@nestjs/common';
import { EdgeController } from './edge.controller.js';
import { EdgeService } from './edge.service.js';

export interface EdgeParts {
  /** Where the edge answers; undefined: there is none. */
  readonly url: string | undefined;
  /** Milliseconds after which it counts as down. */
  readonly timeout: number;
}

/** The way to the edge. */
@Module({})
export class EdgeModule {
  static with({ url, timeout }: EdgeParts): DynamicModule {
    return {
      module: EdgeModule,
      controllers: [EdgeController],
      providers: [{ provide: EdgeService, useValue: new EdgeService(url, timeout) }],
    };
  }
}
