import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { NoSandbox, RequireScope } from '@tessera/http';
import { LagReader, type PartitionLag } from './lag-reader.js';

const count = { type: 'integer' };
const lagSchema = {
  type: 'object',
  required: ['groups'],
  properties: {
    groups: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          group: { type: 'string' },
          topic: { type: 'string' },
          messages: { ...count, description: 'Written and not yet done, over all partitions' },
          partitions: {
            type: 'array',
            items: { type: 'object', properties: { partition: count, messages: count } },
          },
        },
      },
    },
  },
};

/** How far the workers are behind, for the deployment as a whole: topics carry the messages of every tenant. */
@ApiTags('Operations')
@Controller('data/core/ups/ops/lag')
export class LagController {
  constructor(@Inject(LagReader) private readonly lag: LagReader) {}

  @Get()
  @RequireScope('ops')
  @NoSandbox()
  @ApiOperation({ summary: 'Consumer lag by group, topic and partition' })
  @ApiResponse({ status: 200, description: 'Every group of workers', schema: lagSchema })
  async read() {
    const byGroup = Map.groupBy(await this.lag.read(), ({ group }) => group);
    return { groups: [...byGroup].map(([group, partitions]) => groupAnswer(group, partitions)) };
  }
}

function groupAnswer(group: string, partitions: readonly PartitionLag[]) {
  return {
    group,
    topic: partitions[0]?.topic,
    messages: partitions.reduce((sum, { messages }) => sum + messages, 0),
    partitions: partitions.map(({ partition, messages }) => ({ partition, messages })),
  };
}
