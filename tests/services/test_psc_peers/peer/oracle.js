// A provider made of npm "oidc-provider" alone, on loopback: told once what it is, it says where it listens.
"use strict";
const https = require("https");
const readline = require("readline");
const { Provider } = require("oidc-provider");

function configuration(told) {
  const client = {
    client_id: told.client_id,
    client_secret: told.client_secret,
    redirect_uris: told.redirect_uris,
    post_logout_redirect_uris: told.redirect_uris,
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: told.auth_method,
  };
  return {
    clients: [client],
    scopes: ["openid", "scope_all"],
    acrValues: ["eidas1"],
    claims: { openid: ["sub", "SubjectNameID", "given_name", "family_name"], acr: null },
    conformIdTokenClaims: false,
    pkce: { required: () => false },
    issueRefreshToken: async () => true,
    rotateRefreshToken: false,
    ttl: { AccessToken: 120, AuthorizationCode: 60, IdToken: 120, RefreshToken: 1800, Session: 600, Interaction: 600, Grant: 600 },
    cookies: { keys: ["essai"] },
    features: { devInteractions: { enabled: false }, introspection: { enabled: true }, revocation: { enabled: true } },
    findAccount: (ctx, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, SubjectNameID: id, given_name: "SACHA", family_name: "FICTIF-DELESSAI" }),
    }),
    renderError: async (ctx, out) => {
      ctx.type = "json";
      ctx.body = JSON.stringify(out);
    },
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  };
}

// The person is there and agrees at once: nothing is shown.
async function agreed(provider, persona, request, response) {
  const details = await provider.interactionDetails(request, response);
  if (details.prompt.name === "login") return { login: { accountId: persona } };
  const grant = new provider.Grant({ accountId: details.session.accountId, clientId: details.params.client_id });
  grant.addOIDCScope(details.params.scope);
  return { consent: { grantId: await grant.save() } };
}

async function begin(told) {
  const server = https.createServer({ key: told.key, cert: told.certificate });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `https://localhost:${server.address().port}`;
  const provider = new Provider(issuer, configuration(told));
  const answer = provider.callback();
  let persona = told.persona;
  server.on("request", async (request, response) => {
    if (!request.url.startsWith("/interaction/")) return answer(request, response);
    const result = await agreed(provider, persona, request, response);
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
  });
  return { issuer, discovery_url: `${issuer}/.well-known/openid-configuration`, persona: (one) => { persona = one; } };
}

let running;

readline.createInterface({ input: process.stdin }).on("line", async (line) => {
  const told = JSON.parse(line);
  if (running) running.persona(told.persona);
  else running = await begin(told);
  process.stdout.write(JSON.stringify(running) + "\n");
});
// What the library advises about itself goes where nobody reads it as an answer.
console.info = console.warn = console.error;
