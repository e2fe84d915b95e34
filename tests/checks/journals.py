"""Journals played by hand, as the services and the bench write them (``docs/evidence.md``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import conformance.checks  # noqa: F401 - fills the register
from conformance.core.check import Context, Registry
from conformance.core.words import Level, Provenance
from conformance.evidence.evidence import Evidence
from conformance.evidence.journal import Journal

LANE = "a"
BOX = "dui@a.mss.test"
SMTP, IMAP, PSC, AUTOCONFIG = "mssante.smtp", "mssante.imap", "psc", "mssante.autoconfig"
REFERENCE = "REF-CONVERGENCE-0042"


class Play:
    """One scenario in one lane; :meth:`findings` closes its window and runs a check over it."""

    def __init__(self, folder, scenario="trial"):
        self.folder = folder
        self.scenario = scenario
        self.window = f"{scenario}@{LANE}#1"
        self.journal = Journal(folder)
        product = {"reference": REFERENCE, "conditions": {}, "offers": {}, "parameters": {}}
        self.journal.append("run", "*", "run.start", provenance=Provenance.HARNESS, data={"product": product})
        starts = self._lasts()
        self.bench("window.open", scenario=scenario, attempt=1, starts=starts)
        self.closed = False

    # --- the bench ---------------------------------------------------------------------------------------------

    def bench(self, kind, /, *, provenance=Provenance.HARNESS, marks=(), **data):
        data = {"window": self.window, **data}
        return self.journal.append("scenario", LANE, kind, provenance=provenance, data=data, marks=marks).id

    def mailbox(self, kind="PER", address=BOX):
        return self.bench("expectation", name="mailbox", address=address, kind=kind, domain=address.partition("@")[2])

    def expect(self, to, audience="professional", **members):
        members = {"document": None, "type_code": None, "matricule": None, **members}
        return self.bench("expectation", name="message", to=to, audience=audience, marks=(to,), **members)

    def forbid(self, to, audience="citizen", why="opposition"):
        return self.bench("expectation", name="no-message", to=to, audience=audience, why=why, marks=(to,))

    def control(self, *evidence):
        return self.bench("control", name="reachable", evidence=list(evidence))

    def hinder(self, fault="harness"):
        return self.bench("window.hindered", code="reason.planned", values={}, fault=fault)

    def close(self, reason="idle"):
        if not self.closed:
            self.bench("window.close", reason=reason, ends=self._lasts())
            self.closed = True

    # --- the services ------------------------------------------------------------------------------------------

    def wire(self, service, kind, /, *, session="", marks=(), blobs=None, **data):
        return self.journal.append(
            service, LANE, kind, provenance=Provenance.WIRE, session=session, data=data, marks=marks, blobs=blobs
        ).id

    def hello(self, versions=("TLSv1.2",), suites=("0xC030",), *, service=SMTP, session="s1"):
        return self.wire(
            service, "tls.client-hello", session=session, versions=list(versions), suites=list(suites),
            legacy_version="TLSv1.2",
        )  # fmt: skip

    def handshake(
        self, version="TLSv1.2", suite="0xC030", *, outcome="ok", certificate=None, service=SMTP, session="s1"
    ):
        return self.wire(
            service, "tls.handshake", session=session, outcome=outcome, version=version, suite=suite,
            suite_name="SUITE", alert=None, client_certificate=certificate,
        )  # fmt: skip

    def command(self, verb, argument="", *, tls=True, protocol="smtp", session="s1"):
        service = {"smtp": SMTP, "imap": IMAP}[protocol]
        return self.wire(service, f"{protocol}.command", session=session, verb=verb, argument=argument, tls=tls)

    def connect(self, protocol="smtp", *, session="s1", certificate=None, starttls=True):
        service = {"smtp": SMTP, "imap": IMAP}[protocol]
        self.wire(service, f"{protocol}.connection", session=session, peer="127.0.0.1:1")
        if starttls:
            self.command("STARTTLS", tls=False, protocol=protocol, session=session)
            self.handshake(service=service, session=session, certificate=certificate)

    def auth(
        self, protocol="smtp", *, mechanism="XOAUTH2", user=BOX, outcome="ok", token_id="jti-1", tls=True, session="s1"
    ):
        service = {"smtp": SMTP, "imap": IMAP}[protocol]
        return self.wire(
            service, f"{protocol}.auth", session=session, mechanism=mechanism, user=user, outcome=outcome,
            reason="" if outcome == "ok" else "expired", token_id=token_id, tls=tls,
        )  # fmt: skip

    def token(self, *, client_id="dui-client", outcome="ok", error=None, token_id="jti-1"):
        return self.wire(
            PSC, "psc.token", grant_type="refresh_token", client_id=client_id, outcome=outcome, error=error,
            subject="899700000001", token_id=token_id, expires_in=120,
        )  # fmt: skip

    def autoconfig(self, *, host="autoconfig.a.mss.test", path="/mail/config-v1.1.xml", method="GET", status=200):
        return self.wire(
            AUTOCONFIG, "autoconfig.request", method=method, host=host, path=path, status=status, domain="a.mss.test"
        )

    def message(self, raw, *to, mail_from=BOX, reply=250, session="s1"):
        return self.wire(
            SMTP, "smtp.message", session=session, marks=to, blobs={"message": raw}, mail_from=mail_from,
            rcpt_to=list(to), size=len(raw), reply=reply, message_id="", tls=True,
        )  # fmt: skip

    # --- judging -----------------------------------------------------------------------------------------------

    @property
    def evidence(self):
        return Evidence.load(self.folder)

    def observation(self):
        self.close()
        return self.evidence.latest(self.scenario)[-1]

    def subjects(self, check_id):
        return list(Registry.get(check_id).subject.of(self.observation()))

    def findings(self, check_id, parameters: Mapping[str, Any] | None = None):
        evidence = self.evidence
        context = Context(parameters or {}, evidence.start.get("product", {}), evidence.population)
        made = Registry.get(check_id)
        return [found for subject in self.subjects(check_id) for found in made(subject, context)]

    def codes(self, check_id, parameters=None, *, levels: Sequence[Level] = (Level.ERROR,)):
        return codes(self.findings(check_id, parameters), levels)

    def _lasts(self):
        return {name: last for name, last in self.journal.lasts(LANE).items() if name != "scenario"}


def codes(findings, levels: Sequence[Level] = (Level.ERROR,)):
    """The codes of the findings of some levels, each sentence spoken so that a missing one fails."""
    for found in findings:
        for lang in ("fr", "en"):
            assert "{" not in found.message(lang), found.message(lang)
            found.cause(lang)
            found.fix(lang)
    return [found.code for found in findings if found.level in levels]
