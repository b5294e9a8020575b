import { Controller, Get, Inject, Param, Query, Req, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { limitParameter, offsetParameter, problem, Requester, RequireScope, ValidQuery } from '@tessera/http';
import { BatchExportService, type Download } from './batch-export.service.js';
import { batchFileListSchema, fileListSchema } from './batches.schema.js';
import { batchFileAnswer, linkBase, type AddressedRequest } from './output-file-answer.js';
import { OutputFilesService } from './output-files.service.js';

export const PUBLIC_URL = Symbol('public URL of batches');

const PATH = 'data/foundation/export/batches';
/** The folder of bad rows, as its users call it. */
const ROW_ERRORS = 'row_errors';
const DEFAULT_LIMIT = 100;

const idParameter = { name: 'batchId', description: 'Id of a batch' };
const JSON_LINES = 'application/x-ndjson';

interface PageQuery {
  readonly start?: number;
  readonly limit?: number;
}

interface ListQuery extends PageQuery {
  readonly path?: string;
}

const pageParameters = { start: offsetParameter, limit: limitParameter(DEFAULT_LIMIT) };

const answers = {
  status: 200,
  description: 'The list, or the file: one bad row a line, as it was given, with its reasons in `_errors`',
  content: { 'application/json': { schema: fileListSchema }, [JSON_LINES]: { schema: { type: 'string' } } },
};

/** What users download about batches (spec 03-ingestion, "Batches"). */
@ApiTags('Data access')
@Controller(PATH)
export class BatchExportController {
  constructor(
    @Inject(BatchExportService) private readonly exports: BatchExportService,
    @Inject(OutputFilesService) private readonly outputs: OutputFilesService,
    @Inject(PUBLIC_URL) private readonly publicUrl: string | null,
  ) {}

  @Get(':batchId/failed')
  @RequireScope('profile.read')
  @ValidQuery({ path: { type: 'string', description: 'A file of the list, to download it' }, ...pageParameters })
  @ApiOperation({ summary: 'List the files of bad rows of a batch, or download one' })
  @ApiParam(idParameter)
  @ApiResponse(answers)
  async failed(
    @Requester() { tenant }: Requester,
    @Param('batchId') batchId: string,
    @Query() { path, ...page }: ListQuery,
    @Req() request: AddressedRequest,
  ) {
    if (path !== undefined) return download(await this.exports.openRowErrors(tenant, batchId, path));
    const files = await this.exports.rowErrors(tenant, batchId);
    return listAnswer(
      [...files].map(([name, { size }]) => ({ name, size, href: this.href(request, batchId, 'failed', name) })),
      page,
    );
  }

  @Get(':batchId/meta')
  @RequireScope('profile.read')
  @ValidQuery({
    path: { type: 'string', description: 'row_errors, or a file of its list as row_errors/<name>' },
    ...pageParameters,
  })
  @ApiOperation({ summary: 'List what there is about the bad rows of a batch, or download it' })
  @ApiParam(idParameter)
  @ApiResponse(answers)
  async meta(
    @Requester() { tenant }: Requester,
    @Param('batchId') batchId: string,
    @Query() { path, ...page }: ListQuery,
    @Req() request: AddressedRequest,
  ) {
    if (path?.startsWith(`${ROW_ERRORS}/`) && path.length > ROW_ERRORS.length + 1) {
      return download(await this.exports.openRowErrors(tenant, batchId, path.slice(ROW_ERRORS.length + 1)));
    }
    const files = await this.exports.rowErrors(tenant, batchId);
    if (path === undefined) {
      const size = [...files.values()].reduce((sum, file) => sum + file.size, 0);
      const folder = { name: ROW_ERRORS, size, href: this.href(request, batchId, 'meta', ROW_ERRORS) };
      return listAnswer(files.size > 0 ? [folder] : [], page);
    }
    if (path !== ROW_ERRORS && path !== `${ROW_ERRORS}/`) {
      throw problem('unknown-batch-file', { detail: `There is no ${path.slice(0, 256)}; ask for path=${ROW_ERRORS}.` });
    }
    return listAnswer(
      [...files].map(([name, { size }]) => {
        return { name, size, href: this.href(request, batchId, 'meta', `${ROW_ERRORS}/${name}`) };
      }),
      page,
    );
  }

  @Get(':batchId/files')
  @RequireScope('profile.read')
  @ValidQuery(pageParameters)
  @ApiOperation({
    summary: 'List the files of a batch: those that were written into it, or uploaded',
    description:
      'What was uploaded is named, but has no id to download it by: the deletion of a person does not reach into such a file, and must not be undone by it.',
  })
  @ApiParam(idParameter)
  @ApiResponse({ status: 200, description: 'One page, in their order', schema: batchFileListSchema })
  async files(
    @Requester() { tenant }: Requester,
    @Param('batchId') batchId: string,
    @Query() { start = 0, limit = DEFAULT_LIMIT }: PageQuery,
    @Req() request: AddressedRequest,
  ) {
    const batch = await this.exports.batch(tenant, batchId);
    const outputs = await this.outputs.ofBatch(tenant, batch.id, { start, limit });
    if (outputs.length > 0) {
      const base = linkBase(this.publicUrl, request);
      const data = outputs.map((file) => batchFileAnswer(file, batch.datasetId, base));
      return { data, _page: { start, limit, count: data.length } };
    }
    const files = await this.exports.uploads(tenant, batchId, { start, limit });
    const items = files.map(({ path, size, state }) => ({
      name: path,
      length: String(size),
      isComplete: state === 'complete',
    }));
    return { data: items, _page: { start, limit, count: items.length } };
  }

  private href(request: AddressedRequest, batchId: string, list: string, path: string): string {
    const base = linkBase(this.publicUrl, request);
    return `${base}/${PATH}/${batchId}/${list}?path=${encodeURIComponent(path)}`;
  }
}

function listAnswer(
  files: readonly { readonly name: string; readonly size: number; readonly href: string }[],
  { start = 0, limit = DEFAULT_LIMIT }: PageQuery,
) {
  const shown = files.slice(start, start + limit);
  const data = shown.map(({ name, size, href }) => ({ name, length: String(size), _links: { self: { href } } }));
  return { data, _page: { start, limit, count: data.length } };
}

function download({ bytes, size }: Download): StreamableFile {
  return new StreamableFile(bytes, { type: JSON_LINES, length: size });
}
