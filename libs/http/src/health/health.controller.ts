import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '../access/rules.decorator.js';
import { problem } from '../problem/problem-error.js';
import { ReadinessChecks } from './readiness-checks.js';

const statusSchema = { type: 'object', required: ['status'], properties: { status: { type: 'string', enum: ['up'] } } };

/** For whoever supervises the process (spec 13-operations, "Services"). */
@ApiTags('Operations')
@Controller('health')
export class HealthController {
  constructor(@Inject(ReadinessChecks) private readonly checks: ReadinessChecks) {}

  @Get('live')
  @Public()
  @ApiOperation({ summary: 'Whether the process runs' })
  @ApiResponse({ status: 200, description: 'It runs', schema: statusSchema })
  live() {
    return { status: 'up' };
  }

  @Get('ready')
  @Public()
  @ApiOperation({ summary: 'Whether everything the service needs answers, each named; 503 while something does not' })
  @ApiResponse({
    status: 200,
    description: 'Ready',
    schema: { ...statusSchema, properties: { ...statusSchema.properties, checks: { type: 'object' } } },
  })
  async ready() {
    const checks = await this.checks.run();
    const down = Object.keys(checks).filter((name) => checks[name]?.status === 'down');
    if (down.length === 0) return { status: 'up', checks };
    const detail = `Not ready: ${down.join(', ')}.`;
    throw problem('unavailable', { detail, retryAfter: 1, fields: { checks }, isExpected: true });
  }
}
