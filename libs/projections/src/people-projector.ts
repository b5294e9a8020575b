import type { JsonObject } from '@tessera/contracts';
import {
  edgeEntity,
  parseSelector,
  recordSchemas,
  select,
  xidsInScope,
  type EdgeProjection,
  type Selector,
} from '@tessera/domain';
import { parseFragments, type PeopleSnapshot, type PersonSnapshot } from '@tessera/stores';

/**
 * Projects people of one snapshot. What two identities or two projections share is merged and selected once. Equal data
 * gives byte-identical texts.
 */
export class PeopleProjector {
  private readonly people: ReadonlyMap<string, PersonSnapshot>;
  private readonly entities = new Map<string, JsonObject>();
  private readonly bodies = new Map<string, string>();
  private readonly selectors = new Map<string, Selector>();

  constructor(private readonly snapshot: PeopleSnapshot) {
    this.people = new Map(snapshot.people.map((person) => [person.xid, person]));
  }

  /** The projected entity of an identity as JSON text; undefined where nothing was ever seen of it. */
  project(xid: string, projection: EdgeProjection): string | undefined {
    const person = this.people.get(xid);
    if (person === undefined || !(person.isKnown || this.snapshot.fragments.has(xid))) return undefined;
    const xids = xidsInScope(
      projection.rules.graph,
      xid,
      person.isKnown ? person.members.map((member) => member.xid) : [xid],
    );
    const { schemaName, rules, id } = projection;
    // The first of a scope names it: scopes of one moment do not overlap.
    const scope = JSON.stringify([schemaName, rules, xids[0]]);
    const key = `${id} ${scope}`;
    let body = this.bodies.get(key);
    if (body === undefined) {
      let entity = this.entities.get(scope);
      if (entity === undefined) this.entities.set(scope, (entity = this.entityOf(person, xids, projection)));
      this.bodies.set(key, (body = JSON.stringify(select(this.selectorOf(projection), entity))));
    }
    return body;
  }

  private entityOf(person: PersonSnapshot, xids: readonly string[], projection: EdgeProjection): JsonObject {
    const mark = recordSchemas[projection.schemaName];
    const stored = xids.flatMap((xid) => this.snapshot.fragments.get(xid) ?? []);
    const fragments = parseFragments(stored.filter(({ schema }) => schema === mark));
    const scope = person.members.filter((member) => xids.includes(member.xid));
    return edgeEntity(fragments, scope, projection.rules);
  }

  private selectorOf({ selector: text }: EdgeProjection): Selector {
    let selector = this.selectors.get(text);
    if (selector === undefined) this.selectors.set(text, (selector = parseSelector(text)));
    return selector;
  }
}
