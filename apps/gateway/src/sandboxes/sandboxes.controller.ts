import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  Caller,
  limitParameter,
  NoSandbox,
  offsetParameter,
  RequireScope,
  ValidBody,
  ValidQuery,
  type Sandbox,
} from '@tessera/http';
import type { NewSandbox } from '@tessera/stores';
import { sandboxBodySchema, sandboxListSchema, sandboxSchema } from './sandbox.schema.js';
import { SandboxesService } from './sandboxes.service.js';

const DEFAULT_LIMIT = 100;
/** Every sandbox is where the platform runs. */
const REGION = 'local';
const nameParameter = { name: 'name', description: 'Name of a sandbox' };

/** Sandboxes of the organisation; no call needs the header of one (spec 02-conventions, "Sandboxes"). */
@ApiTags('Sandboxes')
@Controller('data/foundation/sandbox-management/sandboxes')
export class SandboxesController {
  constructor(@Inject(SandboxesService) private readonly sandboxes: SandboxesService) {}

  @Get()
  @RequireScope('profile.read')
  @NoSandbox()
  @ValidQuery({ limit: limitParameter(DEFAULT_LIMIT), offset: offsetParameter })
  @ApiOperation({ summary: 'List sandboxes, the default one first' })
  @ApiResponse({ status: 200, description: 'One page', schema: sandboxListSchema })
  async list(
    @Caller() { organisation }: Caller,
    @Query() { limit = DEFAULT_LIMIT, offset = 0 }: { limit?: number; offset?: number },
  ) {
    const { sandboxes, totalCount } = await this.sandboxes.list(organisation, offset, limit);
    return {
      sandboxes: sandboxes.map((sandbox) => sandboxAnswer(sandbox)),
      _page: { limit, count: sandboxes.length, totalCount },
    };
  }

  @Get(':name')
  @RequireScope('profile.read')
  @NoSandbox()
  @ApiOperation({ summary: 'One sandbox' })
  @ApiParam(nameParameter)
  @ApiResponse({ status: 200, description: 'The sandbox', schema: sandboxSchema })
  async get(@Caller() { organisation }: Caller, @Param('name') name: string) {
    return sandboxAnswer(await this.sandboxes.get(organisation, name));
  }

  @Post()
  @RequireScope('profile.admin')
  @NoSandbox()
  @ValidBody(sandboxBodySchema)
  @ApiOperation({ summary: 'Create a sandbox' })
  @ApiResponse({ status: 201, description: 'The new sandbox', schema: sandboxSchema })
  async create(@Caller() caller: Caller, @Body() body: Omit<NewSandbox, 'createdBy'>) {
    return sandboxAnswer(await this.sandboxes.create(caller, body));
  }

  @Delete(':name')
  @HttpCode(200)
  @RequireScope('profile.admin')
  @NoSandbox()
  @ApiOperation({ summary: 'Delete a sandbox, but not the default one; its data goes by a job' })
  @ApiParam(nameParameter)
  @ApiResponse({ status: 200, description: 'The sandbox that was deleted', schema: sandboxSchema })
  async remove(@Caller() caller: Caller, @Param('name') name: string) {
    return sandboxAnswer(await this.sandboxes.remove(caller, name), 'deleted');
  }
}

function sandboxAnswer({ id, name, title, type, isDefault }: Sandbox, state: 'active' | 'deleted' = 'active') {
  return { name, title, type, isDefault, state, region: REGION, id };
}
