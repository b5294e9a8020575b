import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { UnavailableError } from '@tessera/contracts';
import { fetchIssuerKeys, issuerKeys, TokenVerifier } from '../index.js';

/** An OIDC issuer as far as a verifier sees one. */
describe('keys of an OIDC issuer', () => {
  let server: Server;
  let issuer: string;
  let privateKey: CryptoKey;
  let published: JWK;
  const state = { isDown: false, fetched: [] as string[] };

  beforeAll(async () => {
    const pair = await generateKeyPair('RS256');
    privateKey = pair.privateKey;
    published = { ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'RS256' };
    server = createServer((request, response) => {
      state.fetched.push(request.url ?? '');
      if (state.isDown) {
        response.writeHead(500).end();
        return;
      }
      const isDiscovery = request.url === '/.well-known/openid-configuration';
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isDiscovery ? { issuer, jwks_uri: `${issuer}/keys` } : { keys: [published] }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => {
    state.isDown = false;
    state.fetched = [];
  });

  const verifier = (jwksUrl?: string) =>
    new TokenVerifier({
      keys: issuerKeys(issuer, jwksUrl),
      issuer,
      audience: 'tessera',
      organisationsClaim: 'organisations',
      clientClaim: 'client_id',
    });
  const token = (claims: Record<string, unknown> = {}) =>
    new SignJWT({ azp: 'c1', organisations: 'A@TesseraOrg', scp: ['ops', 'openid'], ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setIssuer(issuer)
      .setAudience('tessera')
      .setExpirationTime('1m')
      .sign(privateKey);

  it('are found by discovery, fetched once, and serve for tokens as such issuers write them', async () => {
    const tested = verifier();
    const grant = await tested.verify(await token());
    expect(grant).toMatchObject({ clientId: 'c1', organisations: new Set(['A@TesseraOrg']), scopes: new Set(['ops']) });
    await tested.verify(await token({ nonce: 1 }));
    expect(state.fetched).toEqual(['/.well-known/openid-configuration', '/keys']);
  });

  it('are fetched from the configured address where there is one', async () => {
    await verifier(`${issuer}/keys`).verify(await token());
    expect(state.fetched).toEqual(['/keys']);
  });

  it('make tokens unverifiable, not invalid, while the issuer is down; and are asked for again', async () => {
    const tested = verifier();
    state.isDown = true;
    await expect(tested.verify(await token())).rejects.toThrow(UnavailableError);
    state.isDown = false;
    await expect(tested.verify(await token())).resolves.toMatchObject({ clientId: 'c1' });
  });

  it('can be had as a set, by discovery or from the configured address, or not at all', async () => {
    for (const jwksUrl of [undefined, `${issuer}/keys`]) {
      expect(await fetchIssuerKeys(issuer, jwksUrl)).toEqual({ keys: [published] });
    }
    await expect(fetchIssuerKeys(issuer, `${issuer}/.well-known/openid-configuration`)).rejects.toThrow(
      UnavailableError,
    );
    state.isDown = true;
    await expect(fetchIssuerKeys(issuer)).rejects.toThrow(UnavailableError);
  });

  it('leave out organisations that could not be told apart from a path', async () => {
    const grant = await verifier().verify(await token({ organisations: ['A/b', 'with blank', '', 'Good@Org'] }));
    expect(grant.organisations).toEqual(new Set(['Good@Org']));
  });
});
