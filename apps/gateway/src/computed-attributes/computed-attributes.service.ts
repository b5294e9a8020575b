import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { UnavailableError, type Tenant } from '@tessera/contracts';
import { problem, type ProblemError, type Requester } from '@tessera/http';
import { JobCommands } from '@tessera/jobs';
import {
  AttributePublication,
  computedAttributeStatuses,
  ComputedAttributeStore,
  MOST_ACTIVE_ATTRIBUTES,
  type AttributeChange,
  type AttributePage,
  type ComputedAttribute,
  type Publication,
  type PublicationOrder,
} from '@tessera/stores';
import { changed, fixed, inferred, type AttributePatch, type AttributeSettings } from './attribute-rules.js';

/** What both resources of computed attributes do (spec 11-computed-attributes). */
@Injectable()
export class ComputedAttributesService {
  constructor(
    @Inject(ComputedAttributeStore) private readonly attributes: ComputedAttributeStore,
    @Inject(AttributePublication) private readonly publication: AttributePublication,
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
    const [id, now] = [randomUUID(), Date.now()];
    const attribute: ComputedAttribute = {
      ...settings,
      ...inferred(expression.value),
      id,
      countedAs: randomUUID(),
      tenant,
      status,
      createdAt: now,
      updatedAt: now,
      createdBy: clientId,
    };
    if (status === 'NEW') return this.evaluated(id, await this.publication.insert(attribute, orderOf(requester)));
    if (!(await this.attributes.insert(attribute))) throw taken();
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
    const { id, status } = current;
    if (change.status === 'NEW' && (status !== 'NEW' || change.countedAs !== undefined)) {
      const publication = await this.publication.change(tenant, id, [status], change, orderOf(requester));
      return publication ? this.evaluated(id, publication) : this.stateChanged(tenant, id);
    }
    const after = await this.attributes.change(tenant, id, [status], change);
    if (after === 'name-taken') throw taken();
    return after ?? this.stateChanged(tenant, id);
  }

  private async stateChanged(tenant: Tenant, id: string): Promise<never> {
    const { status } = await this.get(tenant, id);
    throw fixed(status, 'it has just become so; read it and decide again');
  }

  /** Has a published attribute evaluated. A command that does not reach the broker now is published by a sweeper. */
  private async evaluated(id: string, publication: Publication): Promise<ComputedAttribute> {
    if (publication === 'name-taken') throw taken();
    if (publication === 'no-room') {
      throw problem('too-many-computed-attributes', {
        detail: `The sandbox has ${MOST_ACTIVE_ATTRIBUTES} active computed attributes, the most it may have; disable one first.`,
      });
    }
    if (!publication) throw unknown(id);
    await this.commands.publish(publication.job).catch((error: unknown) => {
      if (!(error instanceof UnavailableError)) throw error;
    });
    return publication.attribute;
  }
}

function orderOf({ clientId, requestId }: Requester): PublicationOrder {
  return { requestedBy: clientId, requestId };
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
