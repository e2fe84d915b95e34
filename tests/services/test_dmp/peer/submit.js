// Feeds a document with the SOAP stack of others (npm "soap"): its envelopes, its MTOM packages, its TLS.
"use strict";
const fs = require("fs");
const path = require("path");
const soap = require("soap");

async function main() {
  const told = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
  const options = { endpoint: told.endpoint, forceSoap12Headers: true };
  const client = await soap.createClientAsync(path.join(__dirname, "registry.wsdl"), options);
  client.setSecurity(new soap.ClientSSLSecurity(Buffer.from(told.key), Buffer.from(told.certificate), Buffer.from(told.ca), {}));
  for (const header of told.headers) client.addSoapHeader(header);
  const attachments = told.parts.map((part) => ({
    name: part.id,
    contentId: part.id,
    mimetype: "text/xml",
    body: fs.readFileSync(part.file),
  }));
  const [, raw] = await client.ProvideAndRegisterAsync({ _xml: told.body }, { attachments, forceMTOM: true });
  process.stdout.write(String(raw));
}

main().catch((error) => {
  process.stdout.write(String((error.response && error.response.data) || error.body || error));
  process.exit(1);
});
