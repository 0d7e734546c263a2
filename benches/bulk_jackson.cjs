// The rows of a list made into connections with @boxyhq/saml-jackson, checked first with openid-client as `ssoctl bulk` checks
// them: discovery, keys, credentials with control, redirect URI. Some rows are in flight at once.
// node bulk_jackson.cjs FOLDER LIST ENGINE URL IN_FLIGHT
//   LIST    JSON: [{"tenant", "issuer", "client_id", "client_secret"}] or [{"tenant", "metadata": FILE}]
//   ENGINE  postgres or sqlite. On sqlite connections are stored one at a time: the library's one connection to it has one
//           transaction, and two at once end in `cannot commit - no transaction is active`.
const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const [folder, list, engine, url, inFlight] = process.argv.slice(2);
const jackson = require(require.resolve('@boxyhq/saml-jackson', { paths: [folder] }));
const REDIRECT_URI = 'https://app.example.com/sso/oidc/callback';

function expect(is, what) {
  if (!is) throw new Error(`unexpected: ${what}`);
}

async function tokenAnswer(oidc, server, row, secret) {
  const config = new oidc.Configuration(server, row.client_id, {}, oidc.ClientSecretPost(secret));
  const callback = new URL(`${REDIRECT_URI}?code=made-up&iss=${encodeURIComponent(server.issuer)}`);
  try {
    await oidc.authorizationCodeGrant(config, callback);
  } catch (error) {
    return error.error;
  }
}

async function checked(oidc, row) {
  const config = await oidc.discovery(new URL(row.issuer), row.client_id, row.client_secret);
  const server = config.serverMetadata();
  const question = oidc.buildAuthorizationUrl(config, { redirect_uri: REDIRECT_URI, scope: 'openid', prompt: 'none', state: 'made-up' });
  const [keys, known, control, redirect] = await Promise.all([
    fetch(server.jwks_uri).then((answer) => answer.json()),
    tokenAnswer(oidc, server, row, row.client_secret),
    tokenAnswer(oidc, server, row, 'made-up-secret'),
    fetch(question, { redirect: 'manual' }),
  ]);
  expect(keys.keys.length > 0, 'keys');
  expect(known === 'invalid_grant' && control === 'invalid_client', `token answers ${known}, ${control}`);
  expect(redirect.headers.get('location').startsWith(REDIRECT_URI), 'redirect');
}

async function main() {
  const oidc = await import(pathToFileURL(path.join(folder, 'node_modules/openid-client/build/index.js')));
  const { connectionAPIController } = await (jackson.default ?? jackson)({
    externalUrl: 'https://app.example.com',
    samlPath: '/sso/saml/callback',
    oidcPath: '/sso/oidc/callback',
    samlAudience: 'https://app.example.com',
    db: { engine: 'sql', type: engine, url, encryptionKey: 'a-key-of-32-bytes-for-measuring!' },
  });
  const rows = JSON.parse(fs.readFileSync(list, 'utf8'));
  let turn = Promise.resolve();
  const inTurn = (work) => (engine === 'sqlite' ? (turn = turn.then(work)) : work());
  const common = { product: 'bench', defaultRedirectUrl: 'https://app.example.com/done', redirectUrl: '["https://app.example.com/*"]' };
  const one = async (row) => {
    if (row.metadata) {
      const rawMetadata = await fs.promises.readFile(row.metadata, 'utf8');
      return inTurn(() => connectionAPIController.createSAMLConnection({ ...common, tenant: row.tenant, rawMetadata }));
    }
    await checked(oidc, row);
    return inTurn(() => connectionAPIController.createOIDCConnection({
      ...common,
      tenant: row.tenant,
      oidcDiscoveryUrl: `${row.issuer}/.well-known/openid-configuration`,
      oidcClientId: row.client_id,
      oidcClientSecret: row.client_secret,
    }));
  };
  let next = 0;
  const worker = async () => {
    while (next < rows.length) await one(rows[next++]);
  };
  await Promise.all(Array.from({ length: Number(inFlight) }, worker));
  fs.writeSync(1, `stored ${rows.length}\n`);
  process.exit(0);
}

main().catch((error) => {
  fs.writeSync(2, `${error.stack}\n`);
  process.exit(1);
});
