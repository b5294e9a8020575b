/** The client of the built-in development issuer, and what it may use. */
export const developmentAccess = {
  clientId: 'dev-client',
  clientSecret: 'dev-secret',
  organisation: 'DEV@TesseraOrg',
  sandbox: 'prod',
} as const;

/** Shell commands that get a token and make a first call with it. They need curl and sed only. */
export function firstCall(gatewayUrl: string): string {
  const { clientId, clientSecret, organisation, sandbox } = developmentAccess;
  return [
    `TOKEN=$(curl -s ${gatewayUrl}/ims/token/v3 -d grant_type=client_credentials \\`,
    `  -d client_id=${clientId} -d client_secret=${clientSecret} | sed 's/.*"access_token": *"\\([^"]*\\)".*/\\1/')`,
    `curl -s ${gatewayUrl}/data/core/idnamespace/identities \\`,
    `  -H "Authorization: Bearer $TOKEN" -H 'x-api-key: ${clientId}' \\`,
    `  -H 'x-gw-ims-org-id: ${organisation}' -H 'x-sandbox-name: ${sandbox}'`,
  ].join('\n');
}

export interface Welcome {
  readonly gatewayUrl: string;
  readonly edgeUrl: string;
  readonly logFolder: string;
  /** Undefined: nothing is kept. */
  readonly data: string | undefined;
}

/** What `npm start` prints when everything is ready. */
export function welcomeText({ gatewayUrl, edgeUrl, logFolder, data }: Welcome): string {
  const { clientId, clientSecret, organisation, sandbox } = developmentAccess;
  return `
Tessera is ready.

  API            ${gatewayUrl}
  Edge           ${edgeUrl}/edge
  Documentation  ${gatewayUrl}/docs
  Health         ${gatewayUrl}/health/ready
  Metrics        ${gatewayUrl}/metrics
  Logs           ${logFolder}
  Data           ${data ?? 'not kept (npm start -- --data FOLDER keeps it)'}

  Client         ${clientId} / ${clientSecret}   (development only)
  Organisation   ${organisation}
  Sandbox        ${sandbox}

A token, and the namespaces of the sandbox:

${firstCall(gatewayUrl)}

Ctrl-C stops everything.
`;
}
