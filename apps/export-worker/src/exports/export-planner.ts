import type { JsonObject, Tenant } from '@tessera/contracts';
import { schemaClasses, schemaWithComputed, unionSchema, type ExportOrder, type SchemaClass } from '@tessera/domain';
import type {
  ComputedAttributeReader,
  EventCounts,
  ExportPlan,
  ExportStore,
  Job,
  PeopleScan,
  SchemaStore,
  StoredSchema,
} from '@tessera/stores';
import { covers, type Deletions } from './deletions.js';

export interface ExportPlannerParts {
  readonly exports: ExportStore;
  readonly scan: PeopleScan;
  readonly counts: EventCounts;
  readonly attributes: Pick<ComputedAttributeReader, 'at'>;
  readonly schemas: Pick<SchemaStore, 'load'>;
  readonly deletions: Deletions;
  /** People that one part is to write, about. */
  readonly rangePeople: number;
}

/** More ranges would only make more, smaller files. */
const MOST_RANGES = 256;

/** Decides once how an export is worked on, so that every part and every repetition of one goes by the same. */
export class ExportPlanner {
  constructor(private readonly parts: ExportPlannerParts) {}

  /** @throws SnapshotExpiredError, UnavailableError, JobFailure */
  async plan({ id, tenant }: Job, { snapshot, computed }: ExportOrder): Promise<ExportPlan> {
    const { exports, scan, counts, attributes, schemas, deletions, rangePeople } = this.parts;
    const known = await exports.plan(tenant, id);
    if (known !== undefined) return known;
    const [identities, visibility, registry, { fences }] = await Promise.all([
      scan.estimate(tenant, snapshot),
      counts.visibility(tenant, snapshot),
      schemas.load(tenant),
      deletions.since(tenant, snapshot),
    ]);
    const [profileClass, eventClass] = classes();
    const union = unionOf(profileClass, registry.schemas);
    const seen = { ...visibility, now: computed?.now ?? visibility.now };
    const values = computed && (await attributes.at(tenant, { snapshot, seen }));
    return exports.begin(tenant, {
      jobId: id,
      ranges: Math.min(MOST_RANGES, Math.max(1, Math.ceil(identities / rangePeople))),
      profileUnion: computed && values ? schemaWithComputed(union, computed.root, values.schemas) : union,
      eventUnion: unionOf(eventClass, registry.schemas),
      visibility,
      fences,
      startedAt: Date.now(),
    });
  }

  /**
   * Begins anew when more has been deleted since than was left out.
   *
   * @returns up to which deletion nothing deleted is in what was made; undefined when it is made anew.
   */
  async coveredUpTo(tenant: Tenant, plan: ExportPlan, { snapshot }: ExportOrder): Promise<number | undefined> {
    const { fences, version } = await this.parts.deletions.since(tenant, snapshot);
    if (covers(plan.fences, fences)) return version;
    await this.parts.exports.beginAnew(tenant, plan, fences);
    return undefined;
  }
}

function classes(): [SchemaClass, SchemaClass] {
  const find = (name: string): SchemaClass => {
    const found = schemaClasses.find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no class ${name}`);
    return found;
  };
  return [find('_xdm.context.profile'), find('_xdm.context.experienceevent')];
}

function unionOf(schemaClass: SchemaClass, schemas: readonly StoredSchema[]): JsonObject {
  const byId = new Map(schemas.map(({ id, document }) => [id, document]));
  const enabled = schemas.filter(({ enabled: isEnabled, classId }) => isEnabled && classId === schemaClass.id);
  return unionSchema(
    schemaClass,
    enabled.map(({ document }) => document),
    (id) => byId.get(id),
  );
}
