import type { EdgeCopies } from '@tessera/edge-store';
import type { RemovalContext } from './removal.js';

type Context = Pick<RemovalContext, 'deletion' | 'step'>;

/** Identities that one edge has something of. */
interface Found {
  readonly edge: EdgeCopies;
  readonly xids: readonly string[];
  /** Of how many there are copies. */
  readonly held: number;
}

/** Copies that edges hold of a sandbox that goes as a whole. Nobody knows its people any more, so its keys are looked for. */
export class SandboxEdges {
  constructor(private readonly edges: readonly EdgeCopies[]) {}

  /**
   * Removes them. A copy may come in meanwhile that was made before the sandbox was deleted, so this is to be repeated once
   * whoever made it has found out.
   *
   * @throws UnavailableError while the Redis of an edge is down.
   */
  async remove(context: Context & Pick<RemovalContext, 'removed'>): Promise<void> {
    for await (const { edge, xids, held } of this.found(context)) {
      await context.step(() => edge.drop(context.deletion.tenant, xids));
      await context.removed({ edges: held });
    }
  }

  /** Of how many identities copies are held, at each of the edges. @throws UnavailableError */
  async remaining(context: Context): Promise<number> {
    let count = 0;
    for await (const { held } of this.found(context)) count += held;
    return count;
  }

  /** In steps, as a Redis may have any number of other keys. */
  private async *found(context: Context): AsyncGenerator<Found> {
    const { tenant } = context.deletion;
    for (const edge of this.edges) {
      for (let place: string | undefined = ''; place !== undefined;) {
        const from: string = place;
        const look = await context.step(async () => {
          const { xids, next } = await edge.scan(tenant, from);
          return { xids, next, held: (await edge.held(tenant, xids)).size };
        });
        if (look.xids.length > 0) yield { edge, xids: look.xids, held: look.held };
        place = look.next;
      }
    }
  }
}
