"""Documents for the tests: conforming ones from the fixtures, and what one fault makes of them."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from functools import cache

from conformance._bundled.fixtures.documents.model import SubmissionSpec
from conformance._bundled.fixtures.documents.n1 import n1_of
from conformance._bundled.fixtures.documents.xdm import xdm
from lxml import etree

from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.xdm import XdmArchive
from conformance.core.check import Context, Registry
from conformance.core.words import Level
from tests.checks.journals import codes
from tests.checks.mails import people, person, spec

NS = {"h": "urn:hl7-org:v3", "rim": "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"}
ALONE = Context(alone=True)
METADATA = "IHE_XDM/SUBSET01/METADATA.XML"
DOCUMENT = "IHE_XDM/SUBSET01/DOC00001.XML"


@cache
def valid_n1():
    return n1_of(spec())


def n1(fault=None):
    """The conforming N1, after ``fault`` has changed its tree."""
    if fault is None:
        return valid_n1()
    root = etree.fromstring(valid_n1())
    fault(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def one(root, path):
    (found, *_) = root.xpath(path, namespaces=NS)
    return found


def put(path, **attributes):
    """A fault that sets attributes; ``None`` takes one away."""

    def change(root):
        element = one(root, path)
        for name, value in attributes.items():
            if value is None:
                element.attrib.pop(name, None)
            else:
                element.set(name, value)

    return change


def write(path, text):
    return lambda root: setattr(one(root, path), "text", text)


def drop(path):
    def change(root):
        for element in root.xpath(path, namespaces=NS):
            element.getparent().remove(element)

    return change


def double(path):
    def change(root):
        element = one(root, path)
        element.addnext(etree.fromstring(etree.tostring(element)))

    return change


def null(path):
    def change(root):
        element = one(root, path)
        element.attrib.clear()
        for child in list(element):
            element.remove(child)
        element.text = None
        element.set("nullFlavor", "UNK")

    return change


def add(parent, xml):
    return lambda root: one(root, parent).append(etree.fromstring(xml.replace(">", ' xmlns="urn:hl7-org:v3">', 1)))


def said(check_id, content, context=ALONE, levels=(Level.ERROR,)):
    """The codes that a check says of a CDA document."""
    return codes(Registry.get(check_id)(CdaDocument.from_bytes(content), context), levels)


@cache
def valid_xdm():
    one_spec = spec()
    submission = SubmissionSpec(
        unique_id="2.25.1",
        source_id="2.25.2",
        submitted=one_spec.created,
        author=one_spec.author,
        structure=one_spec.structure,
        person=one_spec.person,
    )
    return xdm([(one_spec, valid_n1())], submission)


def entries(archive=None):
    with zipfile.ZipFile(io.BytesIO(archive or valid_xdm())) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def packed(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def xdm_with(fault=None, files=None, without=()):
    """The conforming archive after ``fault`` has changed its metadata, with and without some files."""
    held = entries()
    if fault is not None:
        root = etree.fromstring(held[METADATA])
        fault(root)
        held[METADATA] = etree.tostring(root)
    held.update(files or {})
    return packed({name: content for name, content in held.items() if name not in without})


def xdm_said(check_id, content, levels=(Level.ERROR,)):
    return codes(Registry.get(check_id)(XdmArchive.from_bytes(content), ALONE), levels)


def population(*issued):
    """A context of run in which these people were issued."""
    return Context(population={p.matricule: p.as_json() for p in issued})


__all__ = ["people", "person", "replace", "spec"]
