import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { limitParameter, offsetParameter, Requester, RequireScope, ValidQuery } from '@tessera/http';
import { auditActions, AuditStore, type AuditEntry } from '@tessera/stores';
import { listSchema } from './list.schema.js';

const DEFAULT_LIMIT = 20;

const text = { type: 'string' };
const auditSchema = listSchema('Entries', {
  type: 'object',
  required: ['jobId', 'jobType', 'action', 'at', 'by', 'requestId', 'subject', 'counts'],
  properties: {
    jobId: { ...text, description: 'Of the system job; the entry outlives it' },
    jobType: text,
    action: {
      ...text,
      enum: [...auditActions],
      description: '`withdrawn`: taken back; what was not removed by then stayed',
    },
    at: { type: 'string', format: 'date-time' },
    by: { ...text, description: 'Client id of who asked for it' },
    requestId: text,
    subject: { type: 'object', description: 'What it is about, by ids' },
    counts: { type: 'object', additionalProperties: { type: 'number' }, description: 'How many of each store' },
  },
});

/** Who had what deleted (spec 09-system-jobs). Entries can be read and nothing else. */
@ApiTags('Operations')
@Controller('data/core/ups/ops/audit')
export class AuditController {
  constructor(@Inject(AuditStore) private readonly audit: Pick<AuditStore, 'list'>) {}

  @Get()
  @RequireScope('ops')
  @ValidQuery({ start: offsetParameter, limit: limitParameter(DEFAULT_LIMIT) })
  @ApiOperation({ summary: 'List what became of every request to delete in the sandbox, newest first' })
  @ApiResponse({ status: 200, description: 'One page', schema: auditSchema })
  async list(@Requester() { tenant }: Requester, @Query() query: { readonly start?: number; readonly limit?: number }) {
    const { start = 0, limit = DEFAULT_LIMIT } = query;
    const { children, totalCount } = await this.audit.list(tenant, { start, limit });
    return { _page: { start, limit, count: children.length, totalCount }, children: children.map(entryAnswer) };
  }
}

function entryAnswer({ jobId, jobType, action, at, by, requestId, subject, counts }: AuditEntry) {
  return { jobId, jobType, action, at: new Date(at).toISOString(), by, requestId, subject, counts };
}
