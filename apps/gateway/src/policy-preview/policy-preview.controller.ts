import { Body, Controller, HttpCode, Inject, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Tenant } from '@tessera/contracts';
import { problem, problemDocument, ProblemError, Requester, RequireScope, ValidBody } from '@tessera/http';
import { settingsOf } from '../merge-policies/merge-policies.controller.js';
import { MergePolicyService } from '../merge-policies/merge-policy.service.js';
import { profileAnswer, unknownProfileAnswer } from '../profile-access/profile-answer.js';
import { subjectsOf, type Subject } from '../profile-access/requested-identity.js';
import { previewAnswerSchema, previewBodySchema } from './policy-preview.schema.js';
import { PolicyPreviewService, type PreviewedProfile } from './policy-preview.service.js';

interface PreviewBody {
  readonly policy: Parameters<typeof settingsOf>[0];
  readonly identities: readonly unknown[];
  readonly compareTo?: string;
}

/** What a merge policy would make of people, before it is saved. */
@ApiTags('Merge policies')
@Controller('data/core/ups/config/mergePolicies/preview')
export class PolicyPreviewController {
  constructor(
    @Inject(MergePolicyService) private readonly policies: MergePolicyService,
    @Inject(PolicyPreviewService) private readonly previews: PolicyPreviewService,
  ) {}

  @Post()
  @HttpCode(200)
  @RequireScope('profile.read')
  @ValidBody(previewBodySchema)
  @ApiOperation({ summary: 'Profiles as a policy that is not saved would make them, and what that changes' })
  @ApiResponse({ status: 200, description: 'The profiles and their differences', schema: previewAnswerSchema })
  @ApiResponse({ status: 207, description: 'The same, with a problem in place of some', schema: previewAnswerSchema })
  async preview(
    @Requester() { tenant, requestId }: Requester,
    @Body() { policy, identities, compareTo }: PreviewBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const settings = settingsOf(policy);
    const subjects = readSubjects(tenant, identities);
    await this.policies.checkDatasets(tenant, settings, '/policy/attributeMerge/order');
    const { comparedTo, results } = await this.previews.preview(tenant, settings, subjects, compareTo);
    const answers = subjects.map(({ xid }, index) => [xid, answerOf(xid, results[index], requestId)] as const);
    if (answers.some(([, answer]) => 'error' in answer)) reply.status(207);
    return {
      ...(comparedTo !== undefined && { comparedTo: { id: comparedTo } }),
      results: Object.fromEntries(answers),
    };
  }
}

function answerOf(xid: string, result: PreviewedProfile | ProblemError | undefined, requestId: string) {
  if (result instanceof ProblemError && result.slug !== 'unknown-profile') {
    return { error: problemDocument(result, requestId) };
  }
  if (result === undefined || result instanceof ProblemError) {
    return { profile: unknownProfileAnswer(xid), differences: [] };
  }
  return { profile: profileAnswer(result.profile), differences: result.differences };
}

/** @throws ProblemError `invalid-body` with every fault. */
function readSubjects(tenant: Tenant, identities: readonly unknown[]): Subject[] {
  const read = subjectsOf(tenant, identities, { id: 'entityId', namespace: 'entityIdNS' });
  const errors = read.flatMap((one) => ('problem' in one ? (one.problem.particulars.errors ?? []) : []));
  if (errors.length > 0) throw problem('invalid-body', { detail: 'Some identities are not valid.', errors });
  return read.flatMap((one) => ('subject' in one ? one.subject : []));
}
