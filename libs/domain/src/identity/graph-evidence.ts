import type { Identity, IdentityEvidence } from '@tessera/contracts';
import type { Pair } from './graph-components.js';

/** What one dataset, by stream or by one batch, says of a link: when it first and last asserted it (record ages, epoch ms). */
export interface LinkEvidence {
  readonly datasetId: string;
  readonly batchId?: string;
  /** The latest deletion (epoch ms) before all of it was accepted that its source or an end of the link had. */
  readonly since?: number;
  readonly first: number;
  readonly last: number;
}

/** A link with the evidence that some messages bring for it. */
export interface FoldedLink extends Pair {
  /** {@link linkId} of its ends. */
  readonly id: string;
  /** By {@link evidenceKey}. */
  readonly evidence: ReadonlyMap<string, LinkEvidence>;
}

/** Everything that some evidence of one tenant says, each thing once. */
export interface FoldedEvidence {
  /** By XID, with the newest acceptance time (epoch ms) of the records that named it. */
  readonly identities: ReadonlyMap<string, { readonly identity: Identity; readonly acceptedAt: number }>;
  /** By link id. */
  readonly links: ReadonlyMap<string, FoldedLink>;
}

/** The id of the link between two identities, the same from either end. XIDs contain no dot. */
export function linkId(one: string, other: string): string {
  return one < other ? `${one}.${other}` : `${other}.${one}`;
}

/**
 * The name of one dataset's evidence (of one batch, or of its stream, since one deletion) within a link. Injective, and
 * free of the characters that mean something in a document's path.
 */
export function evidenceKey({
  datasetId,
  batchId,
  since,
}: {
  readonly datasetId: string;
  readonly batchId?: string | undefined;
  readonly since?: number | undefined;
}): string {
  const source = `${escaped(datasetId)}_${batchId === undefined ? 'stream' : `batch_${escaped(batchId)}`}`;
  return since === undefined ? source : `${source}_${since}`;
}

function escaped(id: string): string {
  return /^[A-Za-z0-9-]*$/.test(id) ? id : Array.from(id, escapedCharacter).join('');
}

function escapedCharacter(character: string): string {
  return /^[A-Za-z0-9-]$/.test(character) ? character : `~${(character.codePointAt(0) ?? 0).toString(16)}~`;
}

/**
 * Folds evidence into identities and links. Every two identities of one record are linked, not each with the first only:
 * when a shared device moves on, the others still hang together.
 */
export function foldEvidence(evidence: Iterable<IdentityEvidence>): FoldedEvidence {
  const identities = new Map<string, { identity: Identity; acceptedAt: number }>();
  const links = new Map<string, FoldedLink & { evidence: Map<string, LinkEvidence> }>();
  for (const item of evidence) {
    for (const identity of item.identities) {
      const known = identities.get(identity.xid);
      if (!known) identities.set(identity.xid, { identity, acceptedAt: item.acceptedAt });
      else known.acceptedAt = Math.max(known.acceptedAt, item.acceptedAt);
    }
    if (!item.links) continue;
    const key = item.identities.length > 1 ? evidenceKey(item) : '';
    for (const { a, b } of pairsOf(item.identities)) {
      const id = linkId(a, b);
      let link = links.get(id);
      if (!link) links.set(id, (link = { id, a, b, evidence: new Map() }));
      link.evidence.set(key, widened(link.evidence.get(key), item));
    }
  }
  return { identities, links };
}

function* pairsOf(identities: readonly Identity[]): Generator<Pair> {
  for (const [index, { xid: one }] of identities.entries()) {
    for (const { xid: other } of identities.slice(index + 1)) {
      if (one !== other) yield one < other ? { a: one, b: other } : { a: other, b: one };
    }
  }
}

function widened(known: LinkEvidence | undefined, evidence: IdentityEvidence): LinkEvidence {
  const { datasetId, batchId, since, first, last } = evidence;
  return {
    datasetId,
    ...(batchId !== undefined && { batchId }),
    ...(since !== undefined && { since }),
    first: Math.min(known?.first ?? first, first),
    last: Math.max(known?.last ?? last, last),
  };
}
