import { UnavailableError } from './unavailable.js';

class DriverError extends Error {
  override readonly name = 'DriverError';
}

const withCode = (error: Error, code: unknown) => Object.assign(error, { code });
const reason = (cause: unknown) => new UnavailableError('mongodb', cause).message;

describe('a dependency that is not available', () => {
  it.each([
    ['a code', withCode(new Error("EACCES: permission denied, open '/data/x'"), 'EACCES'), 'EACCES'],
    ['a numbered code', withCode(new DriverError('not primary'), 91), 'DriverError 91'],
    ['a name', new DriverError('connect to user:secret@10.0.0.1'), 'DriverError'],
    ['words of our own', new Error('the folder of an object is gone'), 'the folder of an object is gone'],
    ['no error', { secret: 1 }, 'object'],
  ])('says why by %s, and nothing more', (_what, cause, expected) => {
    expect(reason(cause)).toBe(`mongodb is not available: ${expected}`);
  });

  it('says what first was at fault where it was told on', () => {
    const first = withCode(new Error('no space left'), 'ENOSPC');
    const { message } = new UnavailableError('object-storage', new UnavailableError('object-storage', first));
    expect(message).toBe('object-storage is not available: ENOSPC');
  });
});
