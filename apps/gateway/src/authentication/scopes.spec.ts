import { scopes } from '@tessera/http';
import { grantedScopes } from './scopes.js';

describe('scopes of a token', () => {
  it.each([
    ['separated by spaces', 'profile.read ingest', ['profile.read', 'ingest']],
    ['separated by commas', 'profile.read,ingest', ['profile.read', 'ingest']],
    ['separated by both, repeatedly', ' ingest, ,profile.read,ingest ', ['profile.read', 'ingest']],
    ['with unknown ones between', 'openid profile.read AdobeID', ['profile.read']],
  ])('are those requested, %s', (_name, requested, granted) => {
    expect(grantedScopes(requested)).toEqual(granted);
  });

  it.each([undefined, '', 'openid,AdobeID', ' , '])(
    'are all the client has where %p requests no known one',
    (requested) => {
      expect(grantedScopes(requested)).toEqual(scopes);
      expect(grantedScopes(requested, ['ingest', 'other'])).toEqual(['ingest']);
    },
  );

  it('are never more than the client has', () => {
    expect(grantedScopes('profile.admin ingest', ['ingest'])).toEqual(['ingest']);
    expect(grantedScopes('profile.admin', ['ingest'])).toEqual([]);
  });
});
