import { UsageError } from '../command/command.js';
import { loadOptions } from './options.js';

describe('the options of loading', () => {
  const needed = ['--file', 'people.csv', '--dataset', 'd1'];

  it('are few to give: the rest is told from the file or is that of a platform just started', () => {
    expect(loadOptions(needed, { INIT_CWD: '/home/me' })).toMatchObject({
      file: '/home/me/people.csv',
      format: 'csv',
      datasetId: 'd1',
      from: 0,
      concurrency: 4,
      batchSize: 1_000,
      gatewayUrl: 'http://127.0.0.1:8080',
      organisation: 'DEV@TesseraOrg',
      sandbox: 'prod',
      operation: undefined,
    });
  });

  it('prefer flags to variables', () => {
    const environment = { TESSERA_URL: 'http://there:1', TESSERA_SANDBOX: 'test', TESSERA_TOKEN: '' };
    expect(loadOptions([...needed, '--sandbox', 'mine'], environment)).toMatchObject({
      gatewayUrl: 'http://there:1',
      sandbox: 'mine',
      token: undefined,
    });
  });

  it.each(['http://there:1', 'https://there', 'http://[::1]:8080/'])('take the address of a gateway: %s', (url) => {
    expect(loadOptions([...needed, '--url', url], {})).toMatchObject({ gatewayUrl: url });
  });

  it('name the address of the environment when it is none', () => {
    expect(() => loadOptions(needed, { TESSERA_URL: 'ftp://there' })).toThrow('--url (TESSERA_URL) is "ftp://there"');
  });

  it('show help when asked', () => {
    expect(loadOptions(['--help'], {})).toBeUndefined();
  });

  it.each([
    [[], '--file is missing'],
    [['--file', 'a.csv'], '--dataset is missing'],
    [['--file', 'a.txt', '--dataset', 'd'], 'cannot be told from its name'],
    [['--file', 'a.csv.gz', '--dataset', 'd'], 'a.csv.gz is compressed with gzip: unpack it'],
    [[...needed, '--format', 'xml'], '--format takes json, json-array, csv, parquet'],
    [[...needed, '--operation', 'upsert'], '--operation takes'],
    [[...needed, '--from', '-1'], '--from takes a whole number from 0 on, not "-1"'],
    [[...needed, '--from=-1'], '--from takes a whole number from 0 on, not "-1"'],
    [[...needed, '--from', '0x1'], '--from takes a whole number from 0 on, not "0x1"'],
    [[...needed, '--concurrency', '0'], '--concurrency takes a whole number from 1 on'],
    [[...needed, '--url', 'here'], 'must begin with http:// or https://'],
    [[...needed, '--url', 'localhost:8080'], 'must begin with http:// or https://'],
    [[...needed, '--url', 'ftp://there'], 'must begin with http:// or https://'],
    [[...needed, '--url', 'http://there/data'], 'must end after host and port'],
    [[...needed, '--url', 'http://there?a=b'], 'must end after host and port'],
    [[...needed, '--datset', 'd'], 'Unknown option'],
  ])('are refused when they cannot be: %s', (args, message) => {
    expect(() => loadOptions(args, {})).toThrow(UsageError);
    expect(() => loadOptions(args, {})).toThrow(message);
  });
});
