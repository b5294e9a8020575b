import { Body, Controller, HttpCode, Inject, Post, Query, UseInterceptors } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { JsonValue } from '@tessera/contracts';
import { BodyLimit, Inlet, InletAccess, RequestId, ValidBody, ValidQuery, verbatim } from '@tessera/http';
import { quotaHeadersSchema } from '../quota/quota-headers.js';
import { QuotaInterceptor } from '../quota/quota.interceptor.js';
import { batchAnswerSchema, batchSchema, recordAnswerSchema, recordSchema } from './collection.schema.js';
import { CollectionService } from './collection.service.js';

const headers = quotaHeadersSchema;
const validationParameters = { syncValidation: { type: 'boolean' }, synchronousValidation: { type: 'boolean' } };

/** Streaming ingestion (spec 03-ingestion). The inlet in the path fixes organisation and sandbox. */
@ApiTags('Streaming ingestion')
@ApiParam({ name: 'inletId', description: 'Inlet of a streaming connection', schema: { type: 'string' } })
@UseInterceptors(QuotaInterceptor)
@Controller('collection')
export class CollectionController {
  constructor(@Inject(CollectionService) private readonly collection: CollectionService) {}

  @Post('batch/:inletId')
  @HttpCode(207)
  @InletAccess()
  @BodyLimit('batch')
  // Without effect here, but a value that the other door refuses is a mistake here too.
  @ValidQuery(validationParameters)
  @ValidBody(batchSchema)
  @ApiOperation({ summary: 'Take many records; each is answered for itself, in order' })
  @ApiResponse({ status: 207, description: 'The envelope was read', schema: batchAnswerSchema, headers })
  async takeMany(@Inlet() inlet: Inlet, @Body() body: { messages: JsonValue[] }, @RequestId() requestId: string) {
    const { accepted, answers } = await this.collection.takeMany(
      inlet,
      body.messages,
      verbatim(body).messages,
      requestId,
    );
    return { inletId: inlet.inletId, batchId: accepted.id, receivedTimeMs: Date.now(), responses: answers };
  }

  @Post(':inletId')
  @HttpCode(200)
  @InletAccess()
  @BodyLimit('record')
  @ValidQuery(validationParameters)
  @ValidBody(recordSchema)
  @ApiOperation({ summary: 'Take one record' })
  @ApiResponse({ status: 200, description: 'Kafka has the record', schema: recordAnswerSchema, headers })
  async takeOne(
    @Inlet() inlet: Inlet,
    @Body() message: JsonValue,
    @Query() query: { syncValidation?: boolean; synchronousValidation?: boolean },
    @RequestId() requestId: string,
  ) {
    const synchronous = query.syncValidation ?? query.synchronousValidation ?? false;
    const accepted = await this.collection.takeOne(inlet, message, verbatim(message), requestId, synchronous);
    return {
      inletId: inlet.inletId,
      xactionId: accepted.id,
      receivedTimeMs: Date.now(),
      syncValidation: synchronous ? { status: 'pass' } : { skipped: true },
    };
  }
}
