// A relying party made of npm "openid-client": answers each line of JSON (a task) with one.
"use strict";
const readline = require("readline");
const client = require("openid-client");

let config;
let told;

async function begin() {
  const method = told.post ? client.ClientSecretPost : client.ClientSecretBasic;
  config = await client.discovery(new URL(told.discovery_url), told.client_id, undefined, method(told.client_secret));
  // By itself the library trusts TLS, and does not look at the signature.
  if (!told.unverified) client.enableNonRepudiationChecks(config);
  return { issuer: config.serverMetadata().issuer };
}

// As a browser would: goes to the provider, and answers where it is sent back to.
async function sentBack(url) {
  const answer = await fetch(url, { redirect: "manual" });
  await answer.arrayBuffer();
  return new URL(answer.headers.get("location"));
}

async function logIn({ extra = {} }) {
  const verifier = client.randomPKCECodeVerifier();
  const expected = { state: client.randomState(), nonce: client.randomNonce() };
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: told.redirect_uri,
    scope: told.scope,
    acr_values: told.acr_values,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...expected,
    ...extra,
  });
  const tokens = await client.authorizationCodeGrant(config, await sentBack(url), {
    pkceCodeVerifier: verifier,
    expectedState: expected.state,
    expectedNonce: expected.nonce,
    idTokenExpected: true,
  });
  return tokens;
}

async function whole() {
  const tokens = await logIn({});
  const claims = tokens.claims();
  const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
  const renewed = await client.refreshTokenGrant(config, tokens.refresh_token);
  const seen = await client.tokenIntrospection(config, renewed.access_token);
  const out = client.buildEndSessionUrl(config, {
    id_token_hint: tokens.id_token,
    post_logout_redirect_uri: told.redirect_uri,
    state: "out",
  });
  const back = await sentBack(out);
  const after = await client.refreshTokenGrant(config, tokens.refresh_token).then(() => "renewed", (e) => e.error);
  return {
    subject: claims.SubjectNameID,
    userinfo: userinfo.SubjectNameID,
    lives: tokens.expires_in,
    other: renewed.access_token !== tokens.access_token,
    active: seen.active,
    back: back.href,
    after,
  };
}

async function ciba({ login_hint }) {
  const asked = { scope: told.scope, login_hint, binding_message: "42", acr_values: told.acr_values };
  const begun = await client.initiateBackchannelAuthentication(config, asked);
  const tokens = await client.pollBackchannelAuthenticationGrant(config, { ...begun, interval: 0.05 });
  return { subject: tokens.claims().SubjectNameID, expires: begun.expires_in, interval: begun.interval };
}

const tasks = {
  begin,
  whole,
  ciba,
  "log-in": async (task) => ({ subject: (await logIn(task)).claims().SubjectNameID }),
};

readline.createInterface({ input: process.stdin }).on("line", async (line) => {
  const task = JSON.parse(line);
  told = told || task;
  let answer;
  try {
    answer = await tasks[task.task](task);
  } catch (error) {
    answer = { refused: error.code || error.name, error: error.error, why: String(error.cause || error.message).slice(0, 300) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
});
