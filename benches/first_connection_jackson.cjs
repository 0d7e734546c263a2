// Makes the first OIDC connection with @boxyhq/saml-jackson, in memory, and says so as soon as it is there.
// node first_connection_jackson.cjs FOLDER ISSUER CLIENT_ID CLIENT_SECRET
const fs = require('node:fs');
const [folder, issuer, clientId, clientSecret] = process.argv.slice(2);
const jackson = require(require.resolve('@boxyhq/saml-jackson', { paths: [folder] }));

async function main() {
  const { connectionAPIController } = await (jackson.default ?? jackson)({
    externalUrl: 'https://app.example.com',
    samlPath: '/sso/saml/callback',
    oidcPath: '/sso/oidc/callback',
    db: { engine: 'mem' },
  });
  const connection = await connectionAPIController.createOIDCConnection({
    tenant: 'acme.example',
    product: 'bench',
    defaultRedirectUrl: 'https://app.example.com/done',
    redirectUrl: '["https://app.example.com/*"]',
    oidcDiscoveryUrl: `${issuer}/.well-known/openid-configuration`,
    oidcClientId: clientId,
    oidcClientSecret: clientSecret,
  });
  fs.writeSync(1, `stored ${connection.clientID}\n`);
  process.exit(0);
}

main();
