import { Inject, Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { problem } from '@tessera/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { Intake } from '../collection/intake.js';
import { quotaHeaders, secondsUntilReset } from './quota-headers.js';
import { Quota } from './quota.js';

/**
 * Charges a streaming request to its organisation's quota before anything else is done with it: as many records as its
 * body carries, good or bad. Every answer from then on tells what is left. What there is no room for is refused before:
 * it costs nothing, and may come again after the time it is told.
 */
@Injectable()
export class QuotaInterceptor implements NestInterceptor {
  constructor(
    @Inject(Quota) private readonly quota: Quota,
    @Inject(Intake) private readonly intake: Intake,
  ) {}

  /** @throws ProblemError `over-quota` when less is left than the body carries, `too-many-requests`; nothing is taken then. */
  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const { inlet, body } = http.getRequest<FastifyRequest>();
    if (inlet === undefined) return next.handle();
    const records = recordsOf(body);
    // A body larger than any that is taken is not told to wait, which would not help it, but refused for its size.
    this.intake.ensureRoom(Math.min(records, this.intake.capacity));
    const budget = await this.quota.take(inlet.tenant.organisation, records);
    if (budget === undefined) return next.handle();
    void http.getResponse<FastifyReply>().headers(quotaHeaders(budget));
    if (budget.granted) return next.handle();
    throw problem('over-quota', {
      detail:
        `The organisation may stream ${budget.limit} records a second; ${budget.remaining} can still be taken now, ` +
        `the body carries ${records}. Nothing was taken; send it again after the time in Retry-After.`,
      retryAfter: Math.max(1, secondsUntilReset(budget)),
    });
  }
}

function recordsOf(body: unknown): number {
  const messages = typeof body === 'object' && body !== null && 'messages' in body ? body.messages : undefined;
  return Array.isArray(messages) ? Math.max(1, messages.length) : 1;
}
