import { Controller, Head, Headers, HttpCode, Inject, Param, Patch, Post, Put, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { receivedFromStart } from '@tessera/domain';
import { BodyStream, Requester, RequireScope, StreamedBody, ValidQuery } from '@tessera/http';
import { uploadAnswer } from './batch-answer.js';
import { BatchUploadsService, type FilePlace, type Uploaded } from './batch-uploads.service.js';
import { actionOf, actionParameter } from './batches.controller.js';
import { uploadedFileSchema } from './batches.schema.js';
import { contentRangeOf } from './content-range.js';
import { checkedFilePath } from './file-path.js';

const fileActions = ['INITIALIZE', 'COMPLETE'] as const;

/** The file's path is a wildcard: it may contain slashes. */
interface FileParameters {
  readonly batchId: string;
  readonly datasetId: string;
  readonly '*': string;
}

const pathParameters = [
  { name: 'batchId', description: 'Id of a batch that is loading' },
  { name: 'datasetId', description: 'Id of its dataset' },
  { name: 'path', description: 'What the file is called; it may contain slashes' },
];

/** Says the same of all operations on a file. */
const OfOneFile = (): MethodDecorator => (target, key, descriptor) => {
  for (const parameter of pathParameters) ApiParam(parameter)(target, key, descriptor);
};

const uploaded = (status: number, description: string) =>
  ApiResponse({ status, description, schema: uploadedFileSchema });

/** Takes the files of batches as streams (spec 03-ingestion, "Batches"). */
@ApiTags('Batches')
@Controller('data/foundation/import/batches/:batchId/datasets/:datasetId/files')
export class BatchFilesController {
  constructor(@Inject(BatchUploadsService) private readonly uploads: BatchUploadsService) {}

  @Put('*')
  @RequireScope('ingest')
  @StreamedBody()
  @OfOneFile()
  @ApiOperation({
    summary: 'Upload a whole file',
    description: 'Larger files come in parts: INITIALIZE, PATCH, COMPLETE.',
  })
  @uploaded(201, 'The new file')
  @uploaded(200, 'The file, in place of the one before')
  async put(
    @Requester() requester: Requester,
    @Param() parameters: FileParameters,
    @BodyStream() body: BodyStream,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return answer(reply, await this.uploads.put(placeOf(requester, parameters), body));
  }

  @Post('*')
  @RequireScope('ingest')
  @ValidQuery({ action: actionParameter(fileActions) }, ['action'])
  @OfOneFile()
  @ApiOperation({ summary: 'Begin or complete a file that comes in parts' })
  @uploaded(201, 'INITIALIZE: the new file, ready to take parts')
  @uploaded(200, 'INITIALIZE: the file, begun anew. COMPLETE: the file, without gaps')
  async act(
    @Requester() requester: Requester,
    @Param() parameters: FileParameters,
    @Query('action') action: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const place = placeOf(requester, parameters);
    if (actionOf(action, fileActions) === 'INITIALIZE') return answer(reply, await this.uploads.initialize(place));
    return answer(reply, await this.uploads.complete(place));
  }

  @Patch('*')
  @HttpCode(200)
  @RequireScope('ingest')
  @StreamedBody()
  @OfOneFile()
  @ApiOperation({
    summary: 'Upload a part of a file',
    description:
      'Parts come in any order, each with `Content-Range: bytes <first>-<last>/<total>`. The same range again replaces the part; other overlaps are refused.',
  })
  @uploaded(200, 'The file with the part')
  async putPart(
    @Requester() requester: Requester,
    @Param() parameters: FileParameters,
    @Headers('content-range') range: string | undefined,
    @BodyStream() body: BodyStream,
  ) {
    const place = placeOf(requester, parameters);
    return uploadAnswer((await this.uploads.putPart(place, contentRangeOf(range), body)).file);
  }

  @Head('*')
  @RequireScope('ingest')
  @OfOneFile()
  @ApiOperation({
    summary: 'What was received of a file',
    description:
      '`Range` names the bytes that are there from the first on, and is absent while the first is missing; `Content-Length` tells the bytes received in all.',
  })
  @ApiResponse({ status: 200, description: 'The file, without its bytes' })
  async head(
    @Requester() requester: Requester,
    @Param() parameters: FileParameters,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const file = await this.uploads.get(placeOf(requester, parameters));
    const received = receivedFromStart(file.parts);
    if (received > 0) reply.header('range', `bytes=0-${received - 1}`);
    reply.header('content-type', 'application/octet-stream').header('content-length', file.size);
  }
}

function placeOf({ tenant }: Requester, { batchId, datasetId, '*': path }: FileParameters): FilePlace {
  return { tenant, batchId, datasetId, path: checkedFilePath(path) };
}

function answer(reply: FastifyReply, { file, isNew }: Uploaded) {
  reply.code(isNew ? 201 : 200);
  return uploadAnswer(file);
}
