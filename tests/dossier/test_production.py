"""No identifier of a real person leaves inside a dossier."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.core.errors import SetupError
from conformance.core.words import Provenance
from conformance.dossier.production import production_matricules
from conformance.evidence.evidence import Evidence

Make = Callable[..., Any]
# Built as a NIR is, and nobody's: month 20 and department 99 do not name a birth.
MATRICULE = "2802099999999"
CDA = f'<ClinicalDocument><id extension="{MATRICULE}" root="1.2.250.1.213.1.4.8"/></ClinicalDocument>'
CX = f"{MATRICULE}51^^^&1.2.250.1.213.1.4.9&ISO^NH"


def zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("IHE_XDM/SUBSET01/DOC00001.XML", content)
    return out.getvalue()


def attached(content: bytes) -> bytes:
    body = base64.encodebytes(content)
    return (
        b'Subject: XDM\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
        b"Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body + b"\r\n--b--\r\n"
    )


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(CDA.encode(), id="bare"),
        pytest.param(CX.encode(), id="in a CX"),
        pytest.param(zipped(CDA.encode()), id="in a zip"),
        pytest.param(attached(zipped(CDA.encode())), id="in a zip attached to a message"),
        pytest.param(attached(CDA.encode()), id="attached to a message"),
    ],
)
def test_a_production_matricule_is_found(run: Make, content: bytes) -> None:
    made = run()
    record = made.note(content)
    assert production_matricules(Evidence.load(made.folder)) == {MATRICULE: [record]}


def test_it_is_found_in_what_the_journal_says_too(run: Make) -> None:
    made = run()
    record = made.note(identifier={"root": "1.2.250.1.213.1.4.8", "extension": MATRICULE})
    assert production_matricules(Evidence.load(made.folder)) == {MATRICULE: [record]}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(CDA.replace(".4.8", ".4.10"), id="test OID"),
        pytest.param('<id root="1.2.250.1.213.1.4.8" extension="unknown"/>', id="no matricule"),
        pytest.param('<templateId root="1.2.250.1.213.1.4.8.1"/>' + MATRICULE, id="a longer OID"),
        pytest.param("1.2.250.1.213.1.4.8" + " " * 500 + MATRICULE, id="far apart"),
        pytest.param(zipped(b"x")[:-30], id="a broken zip"),
        pytest.param(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n" * 50, id="odd parts"),
    ],
)
def test_what_is_no_production_identity_is_let_through(run: Make, content: str | bytes) -> None:
    made = run()
    made.note(content)
    assert production_matricules(Evidence.load(made.folder)) == {}


def test_the_population_of_the_run_is_its_own(run: Make) -> None:
    made = run()
    person = {"key": "usager", "matricule": MATRICULE, "oid": "1.2.250.1.213.1.4.8"}
    made.journal.append("run", "*", "population.person", provenance=Provenance.HARNESS, data=person)
    made.note(CDA)
    assert production_matricules(Evidence.load(made.folder)) == {}


def test_the_card_names_records_and_never_the_matricule(run: Make, tmp_path: Path) -> None:
    made = run()
    record = made.note(CDA)
    with pytest.raises(SetupError) as refused:
        made.sealed(tmp_path / "out")
    assert record in refused.value.card("fr")
    assert MATRICULE not in refused.value.card("fr")


def test_the_acknowledgement_seals_nevertheless(run: Make, tmp_path: Path) -> None:
    made = run()
    made.note(CDA)
    summary = made.sealed(tmp_path / "out", acknowledge_production=True)
    assert json.loads(zipfile.ZipFile(summary.paths["dossier"]).read("manifest.json"))["schema"] == 1
