import { Inject, Injectable } from '@nestjs/common';
import type { Tenant } from '@tessera/contracts';
import { problem, ProblemError } from '@tessera/http';
import type { EventPlace } from '@tessera/stores';
import type { AccessBody } from './access-body.js';
import { eventPageAnswer } from './event-answer.js';
import { eventSelection } from './event-selection.js';
import { placeOfToken } from './event-token.js';
import { EventsService, type WantedEvents } from './events.service.js';
import { readFields } from './field-selection.js';
import type { OneAnswer } from './many-answer.js';
import { subjectsOf, type BodySubject } from './requested-identity.js';

type Wanted =
  { readonly key: string; readonly wanted: WantedEvents } | { readonly key: string; readonly problem: ProblemError };

/** Answers a page of the events of each of many identities. */
@Injectable()
export class ManyEventsService {
  constructor(@Inject(EventsService) private readonly events: EventsService) {}

  /**
   * @returns one for each identity of the body, in their order.
   * @throws ProblemError `invalid-parameter` or `unknown-policy`.
   */
  async answers(tenant: Tenant, body: AccessBody): Promise<OneAnswer[]> {
    const selector = readFields(body.fields);
    const selection = eventSelection({ ...body, ...body.timeFilter });
    const named = subjectsOf(tenant, body.identities, { id: 'relatedEntityId', namespace: 'relatedEntityIdNS' });
    const all = named.map(wantedEvents);
    const wanted = all.flatMap((one) => ('wanted' in one ? [one.wanted] : []));
    const pages = (await this.events.pages(tenant, wanted, selection, body.mergePolicyId)).values();
    return all.map((one) => {
      if ('problem' in one) return { key: one.key, answer: one.problem };
      const page = pages.next().value as NonNullable<ReturnType<typeof pages.next>['value']>;
      if (page instanceof ProblemError) return { key: one.key, answer: page };
      const nextLink = (token: string) =>
        token === '' ? { href: '' } : { href: '/entities', payload: nextPayload(body, one.wanted, token) };
      const { descending } = selection;
      return { key: one.key, answer: eventPageAnswer(one.key, page, { descending, selector, nextLink }) };
    });
  }
}

function wantedEvents(one: BodySubject, index: number): Wanted {
  if ('problem' in one) return one;
  const { key, subject, item } = one;
  const after = readStart(item['start'], index);
  return after instanceof ProblemError ? { key, problem: after } : { key, wanted: { ...subject, after } };
}

function readStart(start: unknown, index: number): EventPlace | undefined | ProblemError {
  const path = `/identities/${index}/start`;
  if (start !== undefined && typeof start !== 'string') {
    return problem('invalid-body', {
      detail: 'The page token is no text; take it out of _page.next, or start without it.',
      errors: [{ path, message: 'must be of type string' }],
    });
  }
  try {
    return placeOfToken(start);
  } catch (error) {
    if (error instanceof ProblemError) return error;
    throw error;
  }
}

/** The body that fetches the next page of one person's events. */
function nextPayload({ identities: _all, ...rest }: AccessBody, { requested }: WantedEvents, start: string): object {
  const { entityId, namespaceCode } = requested;
  const namespace = namespaceCode !== undefined && { relatedEntityIdNS: { code: namespaceCode } };
  const { schema, relatedSchema, fields, timeFilter, limit, orderby, orderBy, mergePolicyId } = rest;
  return {
    schema: { name: schema.name },
    relatedSchema: relatedSchema && { name: relatedSchema.name },
    fields,
    identities: [{ relatedEntityId: entityId, ...namespace, start }],
    timeFilter,
    limit,
    orderby: orderby ?? orderBy,
    mergePolicyId,
  };
}
