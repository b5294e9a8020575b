import {
  createTestBucket,
  createTopics,
  deleteTestTopics,
  dropTestBucket,
  dropTestDatabase,
  testS3,
  testServers,
  uniqueDatabaseName,
  uniqueTopicPrefix,
} from '../index.js';
import { Kafka, logLevel } from 'kafkajs';
import { MongoClient } from 'mongodb';

describe('the servers of a test run', () => {
  it('are asked for by the variables that are missing', () => {
    expect(() => testServers({ KAFKA_BROKERS: 'a:1' })).toThrow('or set MONGODB_URI, REDIS_URL');
  });

  it('are asked for by the variable of the S3-compatible store, for tests that need one', () => {
    expect(() => testS3({})).toThrow('set S3_URL');
    expect(testS3({ S3_URL: 'http://id:a%2Fb@host:8333' })).toEqual({
      OBJECT_STORAGE_ENDPOINT: 'http://host:8333',
      OBJECT_STORAGE_ACCESS_KEY_ID: 'id',
      OBJECT_STORAGE_SECRET_ACCESS_KEY: 'a/b',
    });
  });

  it('remove the bucket of a test with everything in it and refuse any other', async () => {
    const { name, s3 } = await createTestBucket();
    await s3.putObject({ Bucket: name, Key: 'some/object', Body: 'x' });
    await s3.createMultipartUpload({ Bucket: name, Key: 'some/upload' });
    await dropTestBucket(s3, name);
    expect((await s3.listBuckets({})).Buckets?.map((bucket) => bucket.Name)).not.toContain(name);
    await expect(dropTestBucket(s3, 'files')).rejects.toThrow('Refused');
    s3.destroy();
  });

  it('drop a database of a test and refuse any other', async () => {
    const { mongodbUri } = testServers();
    const name = uniqueDatabaseName();
    const client = new MongoClient(mongodbUri);
    await client.db(name).collection('some').insertOne({ a: 1 });
    await dropTestDatabase(mongodbUri, name);
    expect(await client.db(name).listCollections().toArray()).toEqual([]);
    await client.close();
    await expect(dropTestDatabase(mongodbUri, 'tessera')).rejects.toThrow('Refused');
  });

  it('delete the topics of a test and refuse any others', async () => {
    const { kafkaBrokers } = testServers();
    const [mine, other] = [uniqueTopicPrefix(), uniqueTopicPrefix()];
    const topics = [`${mine}a`, `${mine}b`, `${other}a`];
    await createTopics(
      kafkaBrokers,
      topics.map((topic) => ({ topic, partitions: 2 })),
    );
    await deleteTestTopics(kafkaBrokers, mine);
    const admin = new Kafka({ brokers: kafkaBrokers.split(','), logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const left = await admin.listTopics();
    await admin.disconnect();
    expect(left.filter((topic) => topics.includes(topic))).toEqual([`${other}a`]);
    await deleteTestTopics(kafkaBrokers, other);
    await expect(deleteTestTopics(kafkaBrokers, '')).rejects.toThrow('Refused');
  });
});
