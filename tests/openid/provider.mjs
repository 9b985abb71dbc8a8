// A real OpenID Connect provider on this machine, with a key of its own at each start and a sign-in form that takes any name.
// Usage: node provider.mjs MODULES PORT REDIRECT_URI; prints `ready PORT` when it listens. It ends with its standard input.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { generateKeyPairSync, randomUUID } from 'node:crypto';

// Its remarks on a provider for tests are no output.
console.info = console.warn = () => {};

const [modules, port, redirect] = process.argv.slice(2);
const find = createRequire(pathToFileURL(modules + '/'));
const { default: Provider } = await import(pathToFileURL(find.resolve('oidc-provider')));

const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
const server = createServer();
server.listen(Number(port), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'aftercare', client_secret: 'a secret of this test', redirect_uris: [redirect] }],
    jwks: { keys: [{ ...key, kid: randomUUID(), use: 'sig', alg: 'RS256' }] },
    cookies: { keys: [randomUUID()] },
    claims: { openid: ['sub'], profile: ['preferred_username'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: `${id}@hospital` }) }),
  });
  server.on('request', provider.callback());
  console.log(`ready ${server.address().port}`);
});
process.stdin.on('end', () => process.exit(0)).resume();
