import { strengthOf, type Namespace } from './namespace.js';

/** What a sandbox asks of one namespace's identities in a graph (spec 04-identity, "Linking rules"). */
export interface NamespaceRule {
  /** Compared without regard to case. */
  readonly code: string;
  /** Whether a cluster may hold at most one value of the namespace. */
  readonly unique: boolean;
  /** 1 is the highest. Absent: by the namespace's type, as {@link linkingRules} says. */
  readonly priority?: number;
}

/** The linking rules of one sandbox, as its administrators wrote them. */
export interface IdentitySettings {
  readonly namespaces: readonly NamespaceRule[];
}

/** Nothing is unique and priority follows the type: what a sandbox is born with. */
export const defaultIdentitySettings: IdentitySettings = { namespaces: [] };

/** How large a graph may grow (spec 02-conventions, "Limits"). */
export interface GraphLimits {
  /** Identities in one cluster. */
  readonly identities: number;
  /** Links kept of a component in which a limit or a rule bites. */
  readonly links: number;
}

export const defaultGraphLimits: GraphLimits = { identities: 50, links: 500 };

/**
 * Milliseconds within which two links count as equally old where no namespace is unique. Ages matter there only to a graph
 * that is full, and every repeat of a link within a step is spared a write.
 */
const COARSE_AGE_STEP = 600_000;

/**
 * How finely (ms) a sandbox tells the ages of links apart. Ages are compared in whole steps, so what is decided by them
 * depends neither on the order in which evidence came nor on which repeats were written.
 */
export function ageStepOf({ namespaces }: IdentitySettings): number {
  return namespaces.some(({ unique }) => unique) ? 1 : COARSE_AGE_STEP;
}

/** Settings and namespace types, ready to be asked. Namespaces are lower-case codes here. */
export interface LinkingRules {
  readonly unique: ReadonlySet<string>;
  /** Milliseconds; {@link ageStepOf} the settings. */
  readonly ageStep: number;
  /** 1 is the highest. */
  priorityOf(namespace: string): number;
  /** 1 gives way first when a graph is full (cookies), then 2 (devices), then 3 (the rest). */
  strengthOf(namespace: string): number;
}

const STRONGEST = 3;

/**
 * The rules in force. A namespace without a priority of its own has that of its type: persons 1, devices 2, cookies 3; one
 * that is in neither list counts as a person's.
 */
export function linkingRules(
  settings: IdentitySettings,
  namespaces: Iterable<Pick<Namespace, 'code' | 'idType'>>,
): LinkingRules {
  const strengths = new Map<string, number>();
  for (const { code, idType } of namespaces) strengths.set(code.toLowerCase(), strengthOf(idType));
  const priorities = new Map<string, number>();
  const unique = new Set<string>();
  for (const rule of settings.namespaces) {
    const code = rule.code.toLowerCase();
    if (rule.priority !== undefined) priorities.set(code, rule.priority);
    if (rule.unique) unique.add(code);
  }
  const strength = (namespace: string) => strengths.get(namespace) ?? STRONGEST;
  return {
    unique,
    ageStep: ageStepOf(settings),
    strengthOf: strength,
    priorityOf: (namespace) => priorities.get(namespace) ?? STRONGEST + 1 - strength(namespace),
  };
}
