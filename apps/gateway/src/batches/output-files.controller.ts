import { Controller, Get, Head, Headers, Inject, Param, Query, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Requester, RequireScope, ValidQuery } from '@tessera/http';
import { PUBLIC_URL } from './batch-export.controller.js';
import { fileListSchema } from './batches.schema.js';
import { requestedRange, type RangeHeaders } from './byte-range.js';
import { isKnownContent, type KnownContentHeaders } from './known-content.js';
import { etagOf, filePartAnswer, linkBase, mediaTypeOf, type AddressedRequest } from './output-file-answer.js';
import { OutputFilesService } from './output-files.service.js';

const idParameter = { name: 'fileId', description: 'A `dataSetFileId` of the files of a batch' };
const notModified = { status: 304, description: 'The client has it: its `ETag` is one that `If-None-Match` names' };
const pathParameter = { type: 'string', maxLength: 1_024, description: 'A name of the list, to download it' };

/** The bytes of files that the platform wrote (spec 07-export-jobs). */
@ApiTags('Data access')
@Controller('data/foundation/export/files')
export class OutputFilesController {
  constructor(
    @Inject(OutputFilesService) private readonly files: OutputFilesService,
    @Inject(PUBLIC_URL) private readonly publicUrl: string | null,
  ) {}

  @Head(':fileId')
  @RequireScope('profile.read')
  @ValidQuery({ path: pathParameter }, ['path'])
  @ApiOperation({ summary: 'Length and type of a file' })
  @ApiParam(idParameter)
  @ApiResponse({ status: 200, description: 'The headers that its download has' })
  @ApiResponse(notModified)
  async head(
    @Requester() { tenant }: Requester,
    @Param('fileId') fileId: string,
    @Query('path') path: string,
    @Headers() headers: KnownContentHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const file = await this.files.get(tenant, fileId, path);
    await this.files.ensureThere(file);
    const etag = etagOf(file);
    reply.header('accept-ranges', 'bytes').header('etag', etag);
    if (isKnownContent(headers, etag)) reply.status(304);
    else reply.header('content-type', mediaTypeOf(file)).header('content-length', file.size);
  }

  @Get(':fileId')
  @RequireScope('profile.read')
  @ValidQuery({ path: pathParameter })
  @ApiOperation({
    summary: 'List what a file consists of, or download it',
    description:
      'With `path` the bytes; `Range: bytes=<first>-<last>` gives some of them, and with `If-Range` only where the file still has that `ETag`. ' +
      'With `If-None-Match` none, where the file still has one of those.',
  })
  @ApiParam(idParameter)
  @ApiResponse({
    status: 200,
    description: 'The list, or the file',
    content: {
      'application/json': { schema: fileListSchema },
      'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
    },
  })
  @ApiResponse({ status: 206, description: 'The bytes of the range, which `Content-Range` tells' })
  @ApiResponse(notModified)
  async get(
    @Requester() { tenant }: Requester,
    @Param('fileId') fileId: string,
    @Query('path') path: string | undefined,
    @Headers() headers: RangeHeaders & KnownContentHeaders,
    @Req() request: AddressedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const file = await this.files.get(tenant, fileId, path);
    if (path === undefined) {
      const data = [filePartAnswer(file, linkBase(this.publicUrl, request))];
      return { data, _page: { limit: 1, count: data.length } };
    }
    const etag = etagOf(file);
    if (isKnownContent(headers, etag)) {
      await this.files.ensureThere(file);
      reply.status(304).header('etag', etag);
      return undefined;
    }
    const requested = requestedRange(headers, { size: file.size, etag });
    const range = requested ?? { from: 0, to: file.size };
    const length = range.to - range.from;
    reply.header('accept-ranges', 'bytes').header('etag', etag);
    if (requested !== undefined) {
      reply.status(206).header('content-range', `bytes ${range.from}-${range.to - 1}/${file.size}`);
    }
    return new StreamableFile(await this.files.open(file, range), { type: mediaTypeOf(file), length });
  }
}
