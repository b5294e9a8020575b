import {
  ConfigurationError,
  exportWorkerSchema,
  gatewaySchema,
  loadConfiguration,
  mergeWorkerSchema,
} from './index.js';

const servers = {
  KAFKA_BROKERS: 'a:9092, b:9092',
  MONGODB_URI: 'mongodb://a/?replicaSet=rs0',
  REDIS_URL: 'redis://a:6379',
};
const gateway = { ...servers, OBJECT_STORAGE_URL: 'file:///objects' };

describe('configuration', () => {
  it('reads several brokers and fills in defaults', () => {
    const configuration = loadConfiguration(mergeWorkerSchema, { ...servers, PORT: '' });
    expect(configuration).toMatchObject({ KAFKA_BROKERS: ['a:9092', 'b:9092'], PORT: 8080, GRAPH_MAX_IDENTITIES: 50 });
  });

  it('names every fault at once', () => {
    const load = () => loadConfiguration(mergeWorkerSchema, { KAFKA_BROKERS: 'nowhere', PORT: '70000' });
    expect(load).toThrow(ConfigurationError);
    for (const name of ['KAFKA_BROKERS', 'MONGODB_URI', 'PORT']) expect(load).toThrow(name);
  });

  it('reads the data centres of edges, some with a Redis of their own', () => {
    const read = (text: string) =>
      loadConfiguration(mergeWorkerSchema, { ...servers, EDGE_DATA_CENTERS: text }).EDGE_DATA_CENTERS;
    expect(read('').map(({ name }) => name)).toEqual(['OR1', 'VA5', 'NLD1']);
    expect(read('OR1, VA5=redis://va5:6379/1?x=1')).toEqual([
      { name: 'OR1' },
      { name: 'VA5', redisUrl: 'redis://va5:6379/1?x=1' },
    ]);
    for (const wrong of ['OR 1', 'OR1,OR1', 'OR1,', 'OR1=va5:6379']) {
      expect(() => read(wrong)).toThrow('EDGE_DATA_CENTERS');
    }
  });

  it('reads the addresses of edges, by data centre or of all others', () => {
    const read = (text: string) =>
      loadConfiguration(gatewaySchema, {
        ...gateway,
        NODE_ENV: 'development',
        ISSUER: 'development',
        EDGE_URL: text,
      }).EDGE_URL;
    expect(read('')).toBeUndefined();
    expect(read('http://edge:8080/a=b')).toEqual(new Map([['', 'http://edge:8080/a=b']]));
    expect(read('http://edge:8080, VA5=https://va5')).toEqual(
      new Map([
        ['', 'http://edge:8080'],
        ['VA5', 'https://va5'],
      ]),
    );
    for (const wrong of ['edge:8080', 'OR1=', 'http://a,http://b', 'VA5=http://a,VA5=http://b', 'ftp://a']) {
      expect(() => read(wrong)).toThrow('EDGE_URL');
    }
  });

  it('refuses the development issuer in production', () => {
    expect(() =>
      loadConfiguration(gatewaySchema, { ...gateway, NODE_ENV: 'production', ISSUER: 'development' }),
    ).toThrow('NODE_ENV=production');
  });

  it('refuses an issuer that is not named', () => {
    expect(() => loadConfiguration(gatewaySchema, gateway)).toThrow('OIDC_ISSUER_URL');
  });

  it('reads development clients from JSON and refuses anything else', () => {
    const development = { ...gateway, NODE_ENV: 'development', ISSUER: 'development' };
    const clients = [{ clientId: 'c', clientSecret: 's', organisations: ['O@TesseraOrg'], scopes: ['ops'] }];
    expect(
      loadConfiguration(gatewaySchema, { ...development, DEVELOPMENT_CLIENTS: JSON.stringify(clients) })
        .DEVELOPMENT_CLIENTS,
    ).toEqual(clients);
    expect(() => loadConfiguration(gatewaySchema, { ...development, DEVELOPMENT_CLIENTS: 'nope' })).toThrow(
      'JSON array',
    );
  });

  it('reads quotas, for everybody and for some, and refuses what is none', () => {
    const development = { ...gateway, NODE_ENV: 'development', ISSUER: 'development' };
    const read = (byOrganisation: string) =>
      loadConfiguration(gatewaySchema, {
        ...development,
        QUOTA_RECORDS_PER_SECOND_BY_ORGANISATION: byOrganisation,
      });
    expect(read('').QUOTA_RECORDS_PER_SECOND).toBeUndefined();
    expect(read('').QUOTA_RECORDS_PER_SECOND_BY_ORGANISATION).toEqual({});
    const some = { 'A@Org': 500, 'B@Org': null };
    expect(read(JSON.stringify(some)).QUOTA_RECORDS_PER_SECOND_BY_ORGANISATION).toEqual(some);
    for (const wrong of ['nope', '[]', '{"A@Org":0}', '{"A@Org":"5"}', '{"A@Org":1.5}']) {
      expect(() => read(wrong)).toThrow('QUOTA_RECORDS_PER_SECOND_BY_ORGANISATION');
    }
  });

  it('reads where files are kept, a folder or a bucket, and refuses half of a pair of keys', () => {
    const read = (environment: Record<string, string>) =>
      loadConfiguration(exportWorkerSchema, { ...servers, ...environment });
    expect(read({ OBJECT_STORAGE_URL: 'file:///objects' }).OBJECT_STORAGE_ENDPOINT).toBeUndefined();
    const bucket = { OBJECT_STORAGE_URL: 's3://tessera-files/some/prefix', OBJECT_STORAGE_ENDPOINT: 'http://s3:8333' };
    const keys = { OBJECT_STORAGE_ACCESS_KEY_ID: 'id', OBJECT_STORAGE_SECRET_ACCESS_KEY: 'the secret' };
    expect(read({ ...bucket, ...keys, OBJECT_STORAGE_PATH_STYLE: 'false' })).toMatchObject({
      ...bucket,
      ...keys,
      OBJECT_STORAGE_REGION: 'us-east-1',
      OBJECT_STORAGE_PATH_STYLE: false,
    });
    for (const url of ['objects', 'file://host', 's3://', 's3://UPPER', 's3://a.b/../c', 's3://ab/.c', 'http://a/b']) {
      expect(() => read({ OBJECT_STORAGE_URL: url })).toThrow('OBJECT_STORAGE_URL');
    }
    expect(() => read({ ...bucket, OBJECT_STORAGE_ENDPOINT: 'http://id:secret@s3' })).toThrow('without credentials');
    expect(() => read({ ...bucket, OBJECT_STORAGE_ACCESS_KEY_ID: 'id' })).toThrow('OBJECT_STORAGE_SECRET_ACCESS_KEY');
    const half = () => read({ ...bucket, OBJECT_STORAGE_SECRET_ACCESS_KEY: 'the secret' });
    expect(half).toThrow('OBJECT_STORAGE_ACCESS_KEY_ID: required');
    expect(half).not.toThrow('the secret');
  });

  it('refuses a bound in flight that a full batch could never keep', () => {
    const development = { ...gateway, NODE_ENV: 'development', ISSUER: 'development' };
    expect(() => loadConfiguration(gatewaySchema, { ...development, INGEST_MAX_IN_FLIGHT: '999' })).toThrow(
      'INGEST_MAX_IN_FLIGHT: must be at least STREAMING_MAX_BATCH_RECORDS',
    );
  });
});
