import type { JsonObject } from '@tessera/contracts';
import { ExportColumns } from './export-columns.js';

const union: JsonObject = { type: 'object', properties: { name: { type: 'string' }, age: { type: 'integer' } } };

/** The columns of an export of these fields; of everything when undefined. */
function columnsOf(fields?: string, people = {}): ReadonlyMap<string, unknown> {
  return new ExportColumns({ ...(fields !== undefined && { fields }), people }, union, {}).columns;
}

describe('columns of an export', () => {
  it('are those of the wanted fields, and of what every row may have', () => {
    expect([...columnsOf('name').keys()]).toEqual(['name', 'identityMap', 'untypedFields']);
    expect([...columnsOf().keys()]).toEqual(['name', 'age', 'identityMap', 'segmentMembership', 'untypedFields']);
  });

  it('have a typed one for memberships of segments, however these come to be wanted', () => {
    const typed = columnsOf().get('segmentMembership');
    expect(typed).toMatchObject({ kind: 'map', value: { kind: 'map', value: { kind: 'object' } } });
    for (const fields of ['segmentMembership', 'name,segmentMembership.ups', 'segmentMembership(ups.vip.status)']) {
      expect(columnsOf(fields).get('segmentMembership')).toEqual(typed);
    }
    expect(columnsOf('name', { segments: [{ segmentId: 'vip' }] }).get('segmentMembership')).toEqual(typed);
    expect(columnsOf('name').has('segmentMembership')).toBe(false);
  });
});
