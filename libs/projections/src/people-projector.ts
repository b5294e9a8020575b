import type { JsonObject, Tenant } from '@tessera/contracts';
import {
  computedRoot,
  defaultRules,
  edgeEntity,
  parseSelector,
  profileSchemaName,
  recordSchemas,
  select,
  selectsComputed,
  withComputed,
  xidsInScope,
  type EdgeProjection,
  type MergeRules,
  type Selector,
} from '@tessera/domain';
import {
  parseFragments,
  type ComputedAttributeReader,
  type PeopleSnapshot,
  type PersonAsked,
  type PersonSnapshot,
} from '@tessera/stores';

/** Where computed attributes come from, and where they stand. */
export interface ComputedAttributes {
  readonly reader: Pick<ComputedAttributeReader, 'valuesInTime'>;
  /** They stand under this name, after an underscore. */
  readonly tenantName: string;
}

/**
 * Projects people of one snapshot. What two identities or two projections share is merged and selected once. Equal data
 * gives byte-identical texts.
 */
export class PeopleProjector {
  private readonly people: ReadonlyMap<string, PersonSnapshot>;
  private readonly entities = new Map<string, JsonObject>();
  private readonly bodies = new Map<string, string>();
  /** Until when entities stay as they are while nothing but time passes. */
  private readonly steady = new Map<string, number>();
  private readonly selectors = new Map<string, Selector>();
  private rules: MergeRules | undefined;
  private root: string | undefined;

  constructor(private readonly snapshot: PeopleSnapshot) {
    this.people = new Map(snapshot.people.map((person) => [person.xid, person]));
  }

  /**
   * Adds computed attributes to the entities of some identities, where a projection selects any (spec
   * 11-computed-attributes). They are as of now, which is not before the snapshot's moment; what changes them later
   * is announced as a change of the person.
   *
   * @throws UnavailableError
   */
  async compute(
    tenant: Tenant,
    xids: Iterable<string>,
    projections: readonly EdgeProjection[],
    { reader, tenantName }: ComputedAttributes,
  ): Promise<void> {
    const root = (this.root = computedRoot(tenantName));
    const concerned = projections.filter(
      (projection) => projection.schemaName === profileSchemaName && selectsComputed(this.selectorOf(projection), root),
    );
    if (concerned.length === 0) return;
    const { graph } = this.computedRules();
    const asked = new Map<string, PersonAsked>();
    for (const xid of xids) {
      for (const projection of concerned) {
        const subject = this.subjectOf(xid, projection);
        if (subject === undefined || asked.has(subject.key)) continue;
        const members = xidsInScope(graph, xid, knownWith(subject.person));
        asked.set(subject.key, { clusterId: subject.key, members, profile: this.entityOf(subject, projection) });
      }
    }
    for (const [key, { attributes, steadyUntil }] of await reader.valuesInTime(tenant, [...asked.values()])) {
      const entity = this.entities.get(key);
      if (entity) this.entities.set(key, withComputed(entity, root, attributes));
      this.steady.set(key, steadyUntil);
    }
  }

  /** The projected entity of an identity; undefined where nothing was ever seen of it. */
  project(xid: string, projection: EdgeProjection): Projected | undefined {
    const subject = this.subjectOf(xid, projection);
    if (subject === undefined) return undefined;
    const key = `${projection.id} ${subject.key}`;
    let body = this.bodies.get(key);
    if (body === undefined) {
      body = JSON.stringify(select(this.selectorOf(projection), this.entityOf(subject, projection)));
      this.bodies.set(key, body);
    }
    return { body, steadyUntil: this.steadyUntil(subject, projection) };
  }

  /** Entities are shared by projections; it matters only to those that select computed attributes. */
  private steadyUntil({ key }: Subject, projection: EdgeProjection): number {
    const isComputed = this.root !== undefined && selectsComputed(this.selectorOf(projection), this.root);
    return (isComputed ? this.steady.get(key) : undefined) ?? Infinity;
  }

  private subjectOf(xid: string, { rules, schemaName }: EdgeProjection): Subject | undefined {
    const person = this.people.get(xid);
    if (person === undefined || !(person.isKnown || this.snapshot.fragments.has(xid))) return undefined;
    const known = knownWith(person);
    const xids = xidsInScope(rules.graph, xid, known);
    // The first of a scope names it: scopes of one moment do not overlap.
    const [ofMerge, ofComputed] = [xids[0], xidsInScope(this.computedRules().graph, xid, known)[0]];
    return { key: JSON.stringify([schemaName, rules, ofMerge, ofComputed]), person, xids };
  }

  private entityOf({ key, person, xids }: Subject, projection: EdgeProjection): JsonObject {
    let entity = this.entities.get(key);
    if (entity === undefined) {
      const mark = recordSchemas[projection.schemaName];
      const stored = xids.flatMap((xid) => this.snapshot.fragments.get(xid) ?? []);
      const fragments = parseFragments(stored.filter(({ schema }) => schema === mark));
      const scope = person.members.filter((member) => xids.includes(member.xid));
      this.entities.set(key, (entity = edgeEntity(fragments, scope, projection.rules)));
    }
    return entity;
  }

  /** Computed attributes are over the person of the default policy, whichever one an entity is merged by. */
  private computedRules(): MergeRules {
    return (this.rules ??= defaultRules(this.snapshot.policies, profileSchemaName));
  }

  private selectorOf({ selector: text }: EdgeProjection): Selector {
    let selector = this.selectors.get(text);
    if (selector === undefined) this.selectors.set(text, (selector = parseSelector(text)));
    return selector;
  }
}

/** What a projection shows of a person. */
export interface Projected {
  /** JSON text. */
  readonly body: string;
  /** Epoch ms until which it stays so while nothing but time passes. */
  readonly steadyUntil: number;
}

/** An identity as it is projected; what has the same key has the same entity. */
interface Subject {
  readonly key: string;
  readonly person: PersonSnapshot;
  readonly xids: readonly string[];
}

/** XIDs of everybody who is one person with an identity, itself included. */
function knownWith({ xid, isKnown, members }: PersonSnapshot): readonly string[] {
  return isKnown ? members.map((member) => member.xid) : [xid];
}
