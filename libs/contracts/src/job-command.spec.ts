import { jobQueueOf, jobQueues, jobTypes, type JobQueueName } from './job-command.js';

describe('the queues of long work', () => {
  it('share no type of job, no topic and no consumer group', () => {
    const queues = Object.values(jobQueues);
    for (const things of [jobTypes, queues.map(({ topic }) => topic), queues.map(({ group }) => group)]) {
      expect(new Set<string>(things).size).toBe(things.length);
    }
    expect(jobTypes).toHaveLength(queues.reduce((sum, { types }) => sum + types.length, 0));
  });

  it.each([...jobTypes])('have one that does %s', (type) => {
    const name: JobQueueName = jobQueueOf(type);
    expect(jobQueues[name].types).toContain(type);
  });
});
