// One FHIR validator of npm on a work file: node run_node.mjs NAME WORK.json, with the packages in ./node_modules.
// Same work file and same answer as run_python.py.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const [, , name, file] = process.argv;
const asked = JSON.parse(readFileSync(file, "utf-8"));
const require = createRequire(join(process.cwd(), "index.js"));
const read = () =>
  readdirSync(asked.definitions)
    .filter((f) => f.startsWith("StructureDefinition-"))
    .map((f) => JSON.parse(readFileSync(join(asked.definitions, f), "utf-8")));
const profilesOf = (document, known) => {
  const declared = (document.meta?.profile ?? []).filter((p) => known[p]);
  return declared.length ? declared : ["http://hl7.org/fhir/StructureDefinition/" + document.resourceType];
};

const makers = {
  lantana() {
    const { Fhir } = require("fhir");
    const fhir = new Fhir();
    return (document) =>
      fhir.validate(document, { errorOnUnexpected: true }).messages.filter((m) => m.severity === "error" || m.severity === "fatal").map((m) => m.location + " " + m.message);
  },
  medplum() {
    const m = require("@medplum/core");
    const known = {};
    for (const sd of read()) {
      known[sd.url] = sd;
      try { m.loadDataType(sd); } catch { delete known[sd.url]; }
    }
    return (document) => {
      const told = [];
      for (const url of profilesOf(document, known)) {
        try {
          m.validateResource(document, { profile: known[url] });
        } catch (err) {
          told.push(...(err.outcome?.issue ?? [{ details: { text: "crash " + err.message } }]).filter((i) => i.severity !== "warning").map((i) => (i.expression ?? []) + " " + i.details?.text));
        }
      }
      return told;
    };
  },
  async fhirschema() {
    if (!Set.prototype.intersection) {
      process.stderr.write(`needs Node 22, this is ${process.version}`);
      process.exit(2);
    }
    const at = (path) => import(pathToFileURL(join(process.cwd(), "node_modules/@atomic-ehr/fhirschema/dist", path)));
    const s = await at("index.js");
    const { merge } = await at("validator/profile.js");
    const schemas = {};
    const types = {};
    for (const sd of read()) {
      try { schemas[sd.url] = s.translate(sd); } catch { continue; }
      if (sd.derivation !== "constraint") types[sd.type] = schemas[sd.url];
    }
    const merged = {};
    const whole = (url) => {
      if (!(url in merged)) {
        const own = schemas[url];
        merged[url] = own?.base && schemas[own.base] ? merge(whole(own.base), own) : own;
      }
      return merged[url];
    };
    return (document) => {
      const told = [];
      for (const url of profilesOf(document, schemas)) {
        const { outcome } = s.validate(document, whole(url), types);
        told.push(...(outcome.issue ?? []).filter((i) => i.severity !== "warning").map((i) => JSON.stringify(i)));
      }
      return told;
    };
  },
};

const started = performance.now();
const judge = await makers[name]();
const load = (performance.now() - started) / 1000;
const errors = [];
const ms = [];
for (const document of asked.documents) {
  let best = 1e9;
  let told = [];
  for (let i = 0; i < 3; i++) {
    const began = performance.now();
    try { told = judge(document); } catch (err) { told = ["crash " + err.message]; }
    best = Math.min(best, performance.now() - began);
  }
  errors.push(told);
  ms.push(best);
}
process.stdout.write(JSON.stringify({ load, errors, ms }));
