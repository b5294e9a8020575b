import { RecordSource } from './ingest-load.js';
import { loadEntity, RecordTemplate } from './record-template.js';

interface SentRecord {
  readonly body: {
    readonly xdmEntity: { readonly sequence: number; readonly identityMap: { readonly Email: object } };
  };
}

const template = new RecordTemplate({ id: 'd', schemaId: 's' }, 'O@TesseraOrg', 'linked');

describe('the records of the load tests', () => {
  it('are what the entity says, for every person and sequence number', () => {
    const record = JSON.parse(template.textOf('person-000007', 42)) as { header: object; body: { xdmEntity: object } };
    expect(record.header).toMatchObject({ datasetId: 'd', imsOrgId: 'O@TesseraOrg' });
    expect(record.body.xdmEntity).toEqual(loadEntity('linked', 'person-000007', 42));
  });

  it('are about a kibibyte long', () => {
    const { length } = template.textOf('person-000007', 42);
    expect(length).toBeGreaterThan(900);
    expect(length).toBeLessThan(1_500);
  });

  it('change with every write and go round all people', () => {
    const source = new RecordSource(['a', 'b'], template);
    const { messages } = JSON.parse(source.body(3)) as { messages: SentRecord[] };
    const seen = messages.map(({ body }) => body.xdmEntity);
    expect(seen.map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
    expect((JSON.parse(source.body(1)) as SentRecord).body.xdmEntity.sequence).toBe(3);
    expect(seen.map(({ identityMap }) => identityMap.Email)).toEqual([
      [{ id: 'linked-a@example.com', primary: true }],
      [{ id: 'linked-b@example.com', primary: true }],
      [{ id: 'linked-a@example.com', primary: true }],
    ]);
  });
});
