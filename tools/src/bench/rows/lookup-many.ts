import { schemaNames } from '../../client/record-message.js';
import { seededRandom } from '../../load/random.js';
import type { Bench } from '../environment.js';
import { READERS, readerName, readerNamespace } from '../readers.js';
import { below, noTarget, type Row } from '../row.js';
import { takeTurns } from '../take-turns.js';

const MANY = 100;
const TURNS_A_ROUND = 100;

/** One request for 100 identities against one lookup; of people with one fragment, and of people with five. */
export const lookupManyRow: Row = {
  name: 'lookup-100',
  run: async (bench) => {
    const { Tessera: records } = await bench.records('single');
    await bench.prepareReaders();
    const random = seededRandom(3);
    const onePart = () => ({
      namespace: 'Email',
      id: records.emailOf(Math.floor(random() * records.people.length)),
    });
    const fiveParts = () => ({ namespace: readerNamespace(0), id: readerName(Math.floor(random() * READERS)) });
    const options = { warmUp: 20, turns: TURNS_A_ROUND * bench.options.rounds };
    const simple = await takeTurns(works(bench, onePart), options);
    const stitched = await takeTurns(works(bench, fiveParts), options);
    const line = (row: string, what: string, medians: typeof simple, target = noTarget) => ({
      row,
      what,
      unit: '× one lookup',
      tessera: medians.many / medians.one,
      judged: medians.many / medians.one,
      target,
      details: { medianMilliseconds: medians },
    });
    return [
      line('lookup-100', 'POST of 100 identities, 1 fragment each', simple, below(6, '× one lookup')),
      line('lookup-100-stitched', 'POST of 100 identities, 5 fragments each', stitched),
    ];
  },
};

type Pick = () => { readonly namespace: string; readonly id: string };

function works({ client }: Bench, pick: Pick) {
  return {
    one: () => client.profile(pick()),
    many: () =>
      client.expect({
        method: 'POST',
        path: '/data/core/ups/access/entities',
        body: JSON.stringify({
          schema: { name: schemaNames.profile },
          identities: Array.from({ length: MANY }, pick).map(({ namespace, id }) => ({
            entityId: id,
            entityIdNS: { code: namespace },
          })),
        }),
      }),
  };
}
