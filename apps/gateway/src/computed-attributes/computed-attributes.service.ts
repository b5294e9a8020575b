import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Tenant } from '@tessera/contracts';
import { problem, type ProblemError, type Requester } from '@tessera/http';
import { JobCommands } from '@tessera/jobs';
import {
  computedAttributeStatuses,
  ComputedAttributeStore,
  type AttributeChange,
  type AttributePage,
  type ComputedAttribute,
} from '@tessera/stores';
import { changed, fixed, inferred, type AttributePatch, type AttributeSettings } from './attribute-rules.js';

/** Attributes of one sandbox that events are counted for. */
const MOST_ACTIVE = 100;

/** What both resources of computed attributes do (spec 11-computed-attributes). */
@Injectable()
export class ComputedAttributesService {
  constructor(
    @Inject(ComputedAttributeStore) private readonly attributes: ComputedAttributeStore,
    @Inject(JobCommands) private readonly commands: JobCommands,
  ) {}

  page(tenant: Tenant, page: AttributePage) {
    return this.attributes.page(tenant, page);
  }

  /** @throws ProblemError `unknown-computed-attribute`. */
  async get(tenant: Tenant, id: string): Promise<ComputedAttribute> {
    const found = await this.attributes.find(tenant, id);
    if (!found) throw unknown(id);
    return found;
  }

  /** @throws ProblemError `invalid-expression`, `computed-attribute-exists`, `too-many-computed-attributes`. */
  async create(
    requester: Requester,
    { expression, ...settings }: AttributeSettings,
    status: 'DRAFT' | 'NEW',
  ): Promise<ComputedAttribute> {
    const { tenant, clientId } = requester;
    const now = Date.now();
    const attribute: ComputedAttribute = {
      ...settings,
      ...inferred(expression.value),
      id: randomUUID(),
      countedAs: randomUUID(),
      tenant,
      status,
      createdAt: now,
      updatedAt: now,
      createdBy: clientId,
    };
    if (status === 'NEW') await this.checkRoom(tenant);
    if (!(await this.attributes.insert(attribute))) throw taken();
    if (status === 'NEW') await this.evaluate(requester, attribute);
    return attribute;
  }

  /** @throws ProblemError as {@link create}, `unknown-computed-attribute`, `computed-attribute-fixed`. */
  async change(requester: Requester, id: string, patch: AttributePatch): Promise<ComputedAttribute> {
    const current = await this.get(requester.tenant, id);
    const change = { ...changed(current, patch), updatedAt: Date.now() };
    return this.apply(requester, current, change);
  }

  /**
   * Gives an attribute another expression or description, whatever its state: it is published and evaluated anew.
   *
   * @throws ProblemError as {@link change}.
   */
  async replace(
    requester: Requester,
    current: ComputedAttribute,
    settings: Pick<AttributeSettings, 'name' | 'description' | 'expression'>,
  ): Promise<ComputedAttribute> {
    const { name, description, expression } = settings;
    const isSame = expression.value === current.expression;
    return this.apply(requester, current, {
      name,
      description,
      ...(!isSame && { ...inferred(expression.value), countedAs: randomUUID(), status: 'NEW' as const }),
      updatedAt: Date.now(),
    });
  }

  /** @throws ProblemError `unknown-computed-attribute`, `computed-attribute-fixed`. */
  async removeDraft(tenant: Tenant, id: string): Promise<ComputedAttribute> {
    const { status } = await this.get(tenant, id);
    const removed = await this.attributes.remove(tenant, id, ['DRAFT']);
    if (!removed) throw fixed(status, 'only a draft can be deleted; disable it instead');
    return removed;
  }

  /** Removes an attribute whatever its state, as the older resource does. @throws ProblemError `unknown-computed-attribute`. */
  async remove(tenant: Tenant, id: string): Promise<void> {
    if (!(await this.attributes.remove(tenant, id, computedAttributeStatuses))) throw unknown(id);
  }

  private async apply(
    requester: Requester,
    current: ComputedAttribute,
    change: AttributeChange,
  ): Promise<ComputedAttribute> {
    const { tenant } = requester;
    const isPublished = change.status === 'NEW' && !['NEW', 'PROCESSING', 'PROCESSED'].includes(current.status);
    if (isPublished) await this.checkRoom(tenant);
    const after = await this.attributes.change(tenant, current.id, [current.status], change);
    if (after === 'name-taken') throw taken();
    if (!after) return this.stateChanged(tenant, current.id);
    if (after.status === 'NEW' && change.status === 'NEW') await this.evaluate(requester, after);
    return after;
  }

  private async stateChanged(tenant: Tenant, id: string): Promise<never> {
    const { status } = await this.get(tenant, id);
    throw fixed(status, 'it has just become so; read it and decide again');
  }

  /** The id of the job is that of what is counted, so publishing twice evaluates once. */
  private async evaluate({ tenant, clientId, requestId }: Requester, { id, countedAs }: ComputedAttribute) {
    await this.commands.submit(tenant, {
      id: countedAs,
      type: 'EVALUATE_COMPUTED_ATTRIBUTE',
      properties: { attributeId: id },
      requestedBy: clientId,
      requestId,
      createdAt: Date.now(),
    });
  }

  private async checkRoom(tenant: Tenant): Promise<void> {
    if ((await this.attributes.countActive(tenant)) < MOST_ACTIVE) return;
    throw problem('too-many-computed-attributes', {
      detail: `The sandbox has ${MOST_ACTIVE} active computed attributes, the most it may have; disable one first.`,
    });
  }
}

function unknown(id: string): ProblemError {
  const detail = `The sandbox has no computed attribute ${id.slice(0, 256)}.`;
  return problem('unknown-computed-attribute', { detail });
}

function taken(): ProblemError {
  return problem('computed-attribute-exists', {
    detail: 'Another computed attribute of the sandbox has this name; choose another.',
  });
}
