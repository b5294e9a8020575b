import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Metrics } from '@tessera/observability';
import type { FastifyReply } from 'fastify';
import { Public } from '../access/rules.decorator.js';

@ApiTags('Operations')
@Controller('metrics')
export class MetricsController {
  constructor(@Inject(Metrics) private readonly metrics: Metrics) {}

  @Get()
  @Public()
  @ApiOperation({ summary: 'Metrics of this process in the Prometheus text format' })
  @ApiResponse({ status: 200, description: 'Metrics', content: { 'text/plain': { schema: { type: 'string' } } } })
  async read(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const { contentType, text } = await this.metrics.exposition();
    void reply.type(contentType);
    return text;
  }
}
