import type { JsonObject, JsonValue } from '@tessera/contracts';
import { isJsonObject } from './canonical-json.js';
import type { Layer } from './rank.js';

/** What one layer says at one place. */
export interface Claim {
  readonly names: readonly string[];
  readonly layer: Layer;
  readonly value: JsonValue;
}

/** The claim that stands, and those that it keeps out, best first. */
export interface Winner extends Claim {
  readonly beaten: Claim[];
}

/** Competing claims by place. At a node there is either a winner, or winners below. */
export class ExplanationTree {
  private winner: Winner | undefined;
  private readonly children = new Map<string, ExplanationTree>();

  /** Enters every leaf of a layer. Layers come best first, so whatever stands in a leaf's way outranks it. */
  enterLeaves(layer: Layer, body: JsonObject = layer.body, above: readonly string[] = []): void {
    for (const key of Object.keys(body)) {
      const value = body[key] as JsonValue;
      const names = [...above, key];
      if (isJsonObject(value)) this.enterLeaves(layer, value, names);
      else if (value !== null) this.enter({ names, layer, value });
    }
  }

  /** Every claim that stands, by name. */
  *winners(): Generator<Winner> {
    if (this.winner !== undefined) yield this.winner;
    for (const name of [...this.children.keys()].sort()) yield* (this.children.get(name) as ExplanationTree).winners();
  }

  private enter(claim: Claim, depth = 0): void {
    if (this.winner !== undefined) {
      this.winner.beaten.push(claim);
      return;
    }
    const name = claim.names[depth];
    if (name !== undefined) {
      let child = this.children.get(name);
      if (child === undefined) this.children.set(name, (child = new ExplanationTree()));
      child.enter(claim, depth + 1);
    } else if (this.children.size === 0) {
      this.winner = { ...claim, beaten: [] };
    } else {
      for (const winner of this.winners()) winner.beaten.push(claim);
    }
  }
}
