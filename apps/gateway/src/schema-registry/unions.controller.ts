import { Controller, Get, Headers, Inject, Param } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { JsonObject, Tenant } from '@tessera/contracts';
import { schemaClasses, unionSchema, type SchemaClass } from '@tessera/domain';
import { Requester, RequireScope } from '@tessera/http';
import { SchemaStore, type RegistrySnapshot } from '@tessera/stores';
import { lookupIn } from './registry-rules.js';
import { schemaAnswerSchema, schemaListSchema } from './registry.schema.js';
import { detailed, detailOf, type Detail } from './schema-answer.js';
import { unknownSchema } from './schemas.service.js';

/** Unions: all fields of all schemas of a class that are enabled for profiles (spec 01-concepts). Read-only. */
@ApiTags('Schema registry')
@Controller('data/foundation/schemaregistry/tenant/unions')
export class UnionsController {
  constructor(@Inject(SchemaStore) private readonly store: SchemaStore) {}

  @Get()
  @RequireScope('profile.read')
  @ApiOperation({ summary: 'List the unions, one for each class' })
  @ApiResponse({ status: 200, description: 'The unions', schema: schemaListSchema })
  async list(@Requester() { tenant }: Requester, @Headers('accept') accept: string | undefined) {
    const snapshot = await this.store.load(tenant);
    const results = schemaClasses.map((schemaClass) => unionOf(schemaClass, snapshot, tenant, detailOf(accept)));
    return { results, _page: { orderby: 'created', next: null, count: results.length }, _links: {} };
  }

  @Get(':id')
  @RequireScope('profile.read')
  @ApiOperation({ summary: 'The union of a class' })
  @ApiParam({ name: 'id', description: '`$id`, percent-encoded, or `meta:altId`: that of the class and `__union`' })
  @ApiResponse({ status: 200, description: 'The union', schema: schemaAnswerSchema })
  async get(
    @Requester() { tenant }: Requester,
    @Param('id') id: string,
    @Headers('accept') accept: string | undefined,
  ) {
    const schemaClass = schemaClasses.find((known) => [known.id, known.name].some((name) => id === `${name}__union`));
    if (schemaClass === undefined) throw unknownSchema(id);
    return unionOf(schemaClass, await this.store.load(tenant), tenant, detailOf(accept));
  }
}

function unionOf(schemaClass: SchemaClass, { schemas }: RegistrySnapshot, tenant: Tenant, detail: Detail): JsonObject {
  const enabled = schemas.filter((schema) => schema.enabled && schema.classId === schemaClass.id);
  const lookup = lookupIn(schemas);
  const union = unionSchema(
    schemaClass,
    enabled.map(({ document }) => document),
    lookup,
  );
  return detailed(Object.assign(union, { imsOrg: tenant.organisation }), detail, lookup);
}
