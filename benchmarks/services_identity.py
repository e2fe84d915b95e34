"""INSi searches, Annuaire searches and log-ins per second, beside the echo of the INSi request."""

from __future__ import annotations

import tempfile
from argparse import Namespace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from conformance._bundled.fixtures.people import Population
from conformance._bundled.reference_dui.insi import envelope

from benchmarks.services_floor import (
    CLIENTS,
    ECHO,
    HEAD,
    LANE,
    Call,
    echo_process,
    machine,
    measure,
    must,
    rows,
    session,
)
from benchmarks.services_page import write
from conformance.services.client import Bench
from conformance.services.pki import Pki

CALLBACK = "https://dui.test/retour"
PAGE, TITLE = "identity", "Identity services, per second"


def rates(options: Namespace) -> None:
    """Calls per second, one client then sixteen."""
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with Bench.start(folder / "evidence", folder / "home", [LANE]) as bench:
            ca = Pki.open(folder / "home" / "pki").ca_file
            bench.act(LANE, "annuaire", "populate", count=options.people)
            told = _prepared(bench, session(ca), folder)
            with echo_process(folder / "home" / "pki", folder / "echo") as (echo, pid):
                for clients in CLIENTS:
                    crowd = [_contenders(told, ca, f"{echo}/echo") for _ in range(clients)]
                    pids = {name: pid if name == ECHO else bench.endpoints.pid for name in crowd[0]}
                    lines += rows(measure(crowd, options.calls, options.rounds, pids), clients)
        about = machine(folder)
    command = f"python benchmarks/services.py identity --calls {options.calls} --rounds {options.rounds} --people {options.people}"
    write(
        PAGE,
        TITLE,
        "rates",
        [
            f"Written by `{command}`; do not edit. {about}",
            f"Connections kept open, HTTPS; the directory holds {options.people:,} people. A log-in is two requests: authorization, then the",
            "exchange of the code.",
            "",
            *HEAD,
            *lines,
            "",
            "Each call of a service is parsed, looked up, and flushed to the disk before it is answered. The echo is a Starlette application",
            "on the same server with the same TLS; it reads the INSi request, sends it back, and keeps nothing.",
        ],
    )


def _prepared(bench: Bench, web: requests.Session, folder: Path) -> dict[str, Any]:
    """What the calls need: endpoints, a known person, a client certificate."""
    person = Population(1).person("benchmark", "usager")
    bench.act(LANE, "insi", "know", identities=[person.as_json()])
    told: dict[str, Any] = {name: bench.service(LANE, name) for name in ("insi", "annuaire", "psc")}
    card = folder / "client.pem"
    card.write_text(told["insi"]["client_key_pem"] + told["insi"]["client_certificate_pem"])
    bench.act(LANE, "psc", "register", redirect_uris=[CALLBACK])
    bench.act(LANE, "psc", "persona", subject="899900000029")
    document = web.get(told["psc"]["discovery_url"], timeout=30).json()
    return {**told, "person": person, "card": card, "document": document}


def _contenders(told: dict[str, Any], ca: Path, echo: str) -> dict[str, Call]:
    """What is measured, by name: one call each, on connections of their own."""
    person, insi, annuaire, psc, document = (told[name] for name in ("person", "insi", "annuaire", "psc", "document"))
    fields = {"NomNaissance": person.birth_name, "Sexe": person.sex, "DateNaissance": person.birth_date}
    web, held = session(ca), session(ca, told["card"])

    def message() -> bytes:
        body = envelope.by_traits(fields, [person.first_name])
        return envelope.request("rechercherInsAvecTraitsIdentite", body, idam=insi["idam"], issuer=insi["issuer"])

    def search_insi() -> None:
        answer = held.post(insi["url"], data=message(), timeout=30)
        must(person.matricule.encode() in answer.content, answer)

    def bare() -> None:
        body = message()
        answer = web.post(echo, data=body, timeout=30)
        must(answer.content == body, answer)

    def search_annuaire() -> None:
        headers = {annuaire["api_key_header"]: annuaire["api_key"]}
        url = f"{annuaire['url']}/Practitioner"
        answer = web.get(url, params={"family": "BRI", "_count": 10}, headers=headers, timeout=30)
        must(answer.status_code == 200, answer)

    def log_in() -> None:
        asked = {
            "response_type": "code",
            "client_id": psc["client_id"],
            "redirect_uri": CALLBACK,
            "scope": psc["scope"],
        }
        url = document["authorization_endpoint"]
        back = web.get(url, params={**asked, "state": "s", "nonce": "n"}, allow_redirects=False, timeout=30)
        code = parse_qs(urlsplit(back.headers["Location"]).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        auth = (psc["client_id"], psc["client_secret"])
        answer = web.post(document["token_endpoint"], data=form, auth=auth, timeout=30)
        must("id_token" in answer.json(), answer)

    return {
        ECHO: bare,
        "INSi search by traits": search_insi,
        "Annuaire search by name": search_annuaire,
        "log-in (authorization, then code)": log_in,
    }
