"""What enters the product: recognised, matched strictly, never twice, never unsafe, never altered."""

import io
import zipfile
from dataclasses import replace
from email.message import EmailMessage

import pytest
from conformance._bundled.reference_dui.archive import MAX_SIZE, entries_of, unpack
from conformance._bundled.reference_dui.faults import Conflict, Fault
from conformance._bundled.reference_dui.mutation import read_files, write_files

from tests.reference_dui.conftest import BOX, parsed


def zipped(**files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def rewritten(raw, change):
    """The message with its archive changed."""
    message = parsed(raw)
    for part in message.iter_attachments():
        if part.get_filename() == "IHE_XDM.ZIP":
            part.set_payload(b"")
            files = read_files(next(a for a in parsed(raw).iter_attachments()).get_payload(decode=True))
            part.set_content(write_files(change(files)), maintype="application", subtype="zip", filename="IHE_XDM.ZIP")
    return message.as_bytes()


def actions(dui):
    return [trace["action"] for trace in dui.traces.latest()]


def test_a_strict_match_is_integrated_as_received(dui, network, person, inbound):
    made = inbound(person)
    network.waiting.append(made.raw)
    assert dui.reception.fetch("test", BOX) == 1
    (item,) = dui.inbox.all()
    assert (item.state, item.person, item.message_id) == ("integrated", person.key, made.message_id)
    (document,) = dui.library.of_person(person.key)
    assert (document.origin, document.unique_id) == ("received", made.unique_id)
    assert dui.library.bytes_of(document.id) == made.cda
    assert "inbox.integrate" in actions(dui)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "validee"},
        {"birth_name": "AUTRE"},
        {"birth_first_names": ("AUTRE",)},
        {"birth_date": "1901-01-01"},
        {"cle": "00"},
        {"oid": "1.2.250.1.213.1.4.8"},
    ],
)
def test_anything_less_than_a_strict_match_waits_for_a_person(dui, network, people, inbound, change):
    person = people.person("dui", "usager")
    dui.people.save(person.key, replace(person, **change).as_json())
    network.waiting.append(inbound(person).raw)
    dui.reception.fetch("test", BOX)
    (item,) = dui.inbox.all()
    assert (item.state, item.reason) == ("pending", "refdui.doubt.no-match")
    assert dui.library.of_person(person.key) == []


def test_a_pending_document_is_attached_or_rejected_once(dui, network, people, person, inbound):
    network.waiting += [inbound(people.person("dui", role)).raw for role in ("a", "b")]
    dui.reception.fetch("test", BOX)
    first, second = dui.inbox.all()
    dui.reception.attach("test", first.id, person.key)
    dui.reception.reject("test", second.id)
    assert {i.state for i in dui.inbox.all()} == {"integrated", "rejected"}
    for item in (first, second):
        with pytest.raises(Conflict):
            dui.reception.attach("test", item.id, person.key)


def test_the_same_document_comes_in_once(dui, network, person, inbound):
    made = inbound(person)
    network.waiting.append(made.raw)
    dui.reception.fetch("test", BOX)
    network.waiting.append(made.raw)
    assert dui.reception.fetch("test", BOX) == 1
    assert dui.reception.fetch("test", BOX) == 0
    assert len(dui.inbox.all()) == len(dui.library.of_person(person.key)) == 1
    assert "inbox.duplicate" in actions(dui)


def test_a_known_identifier_with_other_bytes_waits(dui, network, person, inbound):
    network.waiting += [inbound(person).raw, inbound(person, "Autre contenu").raw]
    dui.reception.fetch("test", BOX)
    latest = dui.inbox.all()[0]
    assert (latest.state, latest.reason) == ("pending", "refdui.doubt.other-content")


@pytest.mark.parametrize(
    ("find", "put", "doubt"),
    [
        (b"NH", b"NX", ""),
        (b'"uniqueId"', b'"uniqueId"', ""),
        (b"<rim:Value>DOC00001.XML", b"<rim:Value>DOC00009.XML", "missing"),
    ],
)
def test_metadata_are_read_and_doubted(person, inbound, find, put, doubt):
    archive = next(a for a in parsed(inbound(person).raw).iter_attachments()).get_payload(decode=True)
    files = [(n, c.replace(find, put) if n.endswith("METADATA.XML") else c) for n, c in read_files(archive)]
    (entry,) = entries_of(write_files(files))
    assert (entry.matricule, entry.oid) == (person.ins, person.oid)
    assert entry.doubt == (f"refdui.doubt.{doubt}" if doubt else "")


def test_a_document_that_was_altered_on_its_way_waits(dui, network, person, inbound):
    def altered(files):
        return [(n, c.replace(b"</title>", b" </title>") if n.endswith("DOC00001.XML") else c) for n, c in files]

    network.waiting.append(rewritten(inbound(person).raw, altered))
    dui.reception.fetch("test", BOX)
    (item,) = dui.inbox.all()
    assert (item.state, item.reason) == ("pending", "refdui.doubt.hash")


@pytest.mark.parametrize(
    "hostile",
    [
        b"no zip at all",
        zipped(**{"../escape.txt": "x"}),
        zipped(**{"/root.txt": "x"}),
        zipped(**{"C:/windows.txt": "x"}),
        zipped(**{f"F{n}": "x" for n in range(100)}),
        zipped(bomb=b"\0" * (4 * 1024 * 1024)),
        zipped(
            **{"IHE_XDM/SUBSET01/METADATA.XML": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>'}
        ),
        zipped(**{"IHE_XDM/SUBSET01/METADATA.XML": "<a>" * 10_000}),
        zipped(readme="no metadata"),
    ],
)
def test_a_hostile_archive_is_refused_and_traced(dui, network, hostile):
    message = EmailMessage()
    message["From"], message["To"], message["Message-ID"] = "x@pro.test", BOX, "<hostile@pro.test>"
    message.set_content("Bonjour")
    message.add_attachment(hostile, maintype="application", subtype="zip", filename="ihe_xdm.zip")
    network.waiting.append(message.as_bytes())
    assert dui.reception.fetch("test", BOX) == 1
    assert dui.inbox.all() == []
    assert "inbox.refuse" in actions(dui)


def test_the_size_that_a_header_announces_is_the_bound():
    packed = bytearray(zipped(a=b"x" * 1000))
    central = packed.rindex(b"PK\x01\x02")
    packed[central + 24 : central + 28] = (MAX_SIZE + 1).to_bytes(4, "little")
    with pytest.raises(Fault):
        unpack(bytes(packed))


def test_mail_without_document_is_only_kept(dui, network):
    network.waiting.append(b"From: x@pro.test\r\nSubject: =?utf-8?q?=C3=A9?=\r\n\r\nBonjour\r\n")
    dui.reception.fetch("test", BOX)
    (message,) = dui.correspondence.folder("received")
    assert (message.subject, message.text.strip()) == ("é", "Bonjour")
    assert dui.inbox.all() == []
