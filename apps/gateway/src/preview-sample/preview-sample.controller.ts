import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Tenant } from '@tessera/contracts';
import { problem, Requester, RequireScope, ValidBody, ValidQuery, type ParameterSchema } from '@tessera/http';
import { JobCommands } from '@tessera/jobs';
import { JobStore, SampleReportStore, type SampleReport, type SampleReportReader } from '@tessera/stores';
import { systemJobAnswer } from '../system-jobs/system-job-answer.js';
import { systemJobSchema } from '../system-jobs/system-jobs.schema.js';
import {
  datasetReportSchema,
  namespaceReportSchema,
  overlapReportSchema,
  sampleRequestSchema,
  sampleStatusSchema,
  unstitchedReportSchema,
} from './preview-sample.schema.js';
import {
  datasetOverlapReport,
  datasetReport,
  namespaceOverlapReport,
  namespaceReport,
  unstitchedReport,
} from './report-answers.js';
import { sampleStatusAnswer } from './sample-status-answer.js';

const date: ParameterSchema = {
  type: 'string',
  format: 'date',
  description: 'A UTC day; its last report. The latest report when absent',
};

interface ReportQuery {
  readonly date?: string;
}

/** Samples of the profiles of a sandbox, and the reports made of them (spec 08-preview-sample). */
@ApiTags('Preview sample')
@Controller('data/core/ups/previewsamplestatus')
export class PreviewSampleController {
  constructor(
    @Inject(SampleReportStore) private readonly reports: SampleReportReader,
    @Inject(JobStore) private readonly jobs: JobStore,
    @Inject(JobCommands) private readonly commands: JobCommands,
  ) {}

  @Get()
  @RequireScope('profile.read')
  @ApiOperation({ summary: 'The last sample, and whether one is under way' })
  @ApiResponse({ status: 200, description: 'Its figures', schema: sampleStatusSchema })
  async status(@Requester() { tenant }: Requester) {
    const [latest, running] = await Promise.all([
      this.reports.latestSummary(tenant),
      this.jobs.findSole(tenant, 'SAMPLE'),
    ]);
    return sampleStatusAnswer(latest, running);
  }

  @Post()
  @HttpCode(202)
  @RequireScope('profile.write')
  @ValidBody(sampleRequestSchema)
  @ApiOperation({ summary: 'Ask for a sample; while one is under way, that one' })
  @ApiResponse({ status: 202, description: 'The job', schema: systemJobSchema })
  async sample(
    @Requester() { tenant, sandbox, clientId, requestId }: Requester,
    @Body() request: { readonly samplingRatio?: number } | null,
  ) {
    const samplingRatio = request?.samplingRatio;
    const job = await this.commands.submitSole(tenant, {
      id: randomUUID(),
      type: 'SAMPLE',
      properties: { trigger: 'request', ...(samplingRatio !== undefined && { samplingRatio }) },
      requestedBy: clientId,
      requestId,
      createdAt: Date.now(),
    });
    return systemJobAnswer(job, tenant, sandbox);
  }

  @Get('report/dataset')
  @RequireScope('profile.read')
  @ValidQuery({ date })
  @ApiOperation({ summary: 'Profiles by dataset that contributes to them' })
  @ApiResponse({ status: 200, description: 'The report', schema: datasetReportSchema })
  async byDataset(@Requester() { tenant }: Requester, @Query() query: ReportQuery) {
    return datasetReport(await this.report(tenant, query));
  }

  @Get('report/namespace')
  @RequireScope('profile.read')
  @ValidQuery({ date })
  @ApiOperation({ summary: 'Profiles by namespace of their identities' })
  @ApiResponse({ status: 200, description: 'The report', schema: namespaceReportSchema })
  async byNamespace(@Requester() { tenant }: Requester, @Query() query: ReportQuery) {
    return namespaceReport(await this.report(tenant, query));
  }

  @Get('report/dataset/overlap')
  @RequireScope('profile.read')
  @ValidQuery({ date })
  @ApiOperation({ summary: 'Profiles by the exact set of datasets that contribute to them' })
  @ApiResponse({ status: 200, description: 'The report', schema: overlapReportSchema })
  async datasetOverlap(@Requester() { tenant }: Requester, @Query() query: ReportQuery) {
    return datasetOverlapReport(await this.report(tenant, query));
  }

  @Get('report/namespace/overlap')
  @RequireScope('profile.read')
  @ValidQuery({ date })
  @ApiOperation({ summary: 'Profiles by the exact set of namespaces of their identities' })
  @ApiResponse({ status: 200, description: 'The report', schema: overlapReportSchema })
  async namespaceOverlap(@Requester() { tenant }: Requester, @Query() query: ReportQuery) {
    return namespaceOverlapReport(await this.report(tenant, query));
  }

  @Get('report/unstitchedProfiles')
  @RequireScope('profile.read')
  @ValidQuery({ date })
  @ApiOperation({ summary: 'Profiles of one fragment that were not active within 7 to 120 days' })
  @ApiResponse({ status: 200, description: 'The report', schema: unstitchedReportSchema })
  async unstitched(@Requester() { tenant }: Requester, @Query() query: ReportQuery) {
    return unstitchedReport(await this.report(tenant, query));
  }

  /** @throws ProblemError `unknown-report` where none was made, or none on the day. */
  private async report(tenant: Tenant, { date: day }: ReportQuery): Promise<SampleReport> {
    const report = await this.reports.latest(tenant, day === undefined ? undefined : Date.parse(`${day}T00:00:00Z`));
    if (report) return report;
    const when = day === undefined ? 'yet' : `on ${day}`;
    throw problem('unknown-report', {
      detail: `The sandbox has no report ${when}; ask for a sample by POST /data/core/ups/previewsamplestatus.`,
    });
  }
}
