import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { NoSandbox, RequireScope } from '@tessera/http';
import { QueueMonitor, queueStates } from '@tessera/jobs';

const count = { type: 'integer' };
const queuesSchema = {
  type: 'object',
  required: ['queues'],
  properties: {
    queues: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          queue: { type: 'string', description: 'Whose work it is' },
          parts: { type: 'boolean', description: 'Whether it holds parts of jobs' },
          name: { type: 'string' },
          counts: { type: 'object', properties: Object.fromEntries(queueStates.map((state) => [state, count])) },
        },
      },
    },
  },
};

/** What waits in the queues of jobs, for the deployment as a whole. */
@ApiTags('Operations')
@Controller('data/core/ups/ops/queues')
export class QueuesController {
  constructor(@Inject(QueueMonitor) private readonly monitor: QueueMonitor) {}

  @Get()
  @RequireScope('ops')
  @NoSandbox()
  @ApiOperation({ summary: 'Entries of every queue of jobs, and of their parts, by state' })
  @ApiResponse({ status: 200, description: 'Every queue', schema: queuesSchema })
  async read() {
    return { queues: await this.monitor.counts() };
  }
}
