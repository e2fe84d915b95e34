"""The process in which Saxon runs: one request a line on standard input, one answer a line on standard output.

A process and never a thread: two threads that each have their own processor abort the whole interpreter (GraalVM,
measured). The document under test is untrusted: DOCTYPE and every protocol but ``file`` are refused here too, and
what a sheet might do to the machine (external functions, result documents) is switched off.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from lxml import etree

SVRL = "{http://purl.oclc.org/dsdl/svrl}"
FEATURES = {
    "http://saxon.sf.net/feature/parserFeature?uri=http://apache.org/xml/features/disallow-doctype-decl": "true",
    "http://saxon.sf.net/feature/allowedProtocols": "file",
    "http://saxon.sf.net/feature/allow-external-functions": "false",
}
# What one family may answer about one document, and how long one sentence may be.
MAX_FOUND = 500
MAX_TEXT = 2_000


@dataclass(slots=True)
class Engine:
    """Saxon and libxml2 with what they have compiled, and the last document read."""

    saxon: Any
    sheets: dict[str, Any] = field(default_factory=dict)
    schemas: dict[str, etree.XMLSchema] = field(default_factory=dict)
    last: tuple[str, Any] = ("", None)

    @classmethod
    def start(cls) -> Engine:
        """Make the one processor of this process."""
        import saxonche

        saxon = saxonche.PySaxonProcessor(license=False)
        for name, value in FEATURES.items():
            saxon.set_configuration_property(name, value)
        return cls(saxon)

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what is asked: ``run``, ``validate`` or ``compile``."""
        match request["do"]:
            case "run":
                return self.run(request["sheet"], request["document"])
            case "validate":
                return self.validate(request["schema"], request["document"])
            case "compile":
                return self.compile(request["source"], request["sheets"], request["result"])
        raise ValueError(f"unknown request {request['do']!r}")

    def run(self, sheet: str, document: str) -> dict[str, Any]:
        """Run compiled rules on a document: the failures, and how many rules fired."""
        executable = self._executable(sheet)
        if self.last[0] != document:
            self.last = ("", None)
            self.last = (document, self.saxon.parse_xml(xml_file_name=document))
        report = executable.transform_to_string(xdm_node=self.last[1])
        root = etree.fromstring(_undeclared(report).encode(), etree.XMLParser(resolve_entities=False, no_network=True))
        failed = [*root.iter(f"{SVRL}failed-assert", f"{SVRL}successful-report")]
        found = [_told(each) for each in failed[:MAX_FOUND]]
        return {"found": found, "count": len(failed), "fired": sum(1 for _ in root.iter(f"{SVRL}fired-rule"))}

    def validate(self, schema: str, document: str) -> dict[str, Any]:
        """Validate a document against an XML schema: its errors, with their lines."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        if schema not in self.schemas:
            self.schemas[schema] = etree.XMLSchema(etree.parse(schema, parser))
        # The published stubs of lxml know neither the document information nor the log as they are.
        tree: Any = etree.parse(document, parser)
        if tree.docinfo.doctype:
            raise ValueError("DOCTYPE")
        validator: Any = self.schemas[schema]
        validator.validate(tree)
        log = [*validator.error_log]
        found = [{"kind": "xsd", "text": each.message[:MAX_TEXT], "line": each.line} for each in log[:MAX_FOUND]]
        return {"found": found, "count": len(log), "fired": 1}

    def compile(self, source: str, sheets: list[str], result: str) -> dict[str, Any]:
        """Pass a Schematron through the sheets of the pack's own compiler, one after the other."""
        current = source
        for number, sheet in enumerate(sheets):
            target = result if number == len(sheets) - 1 else f"{result}.{number}"
            report = self._executable(sheet).transform_to_string(source_file=current)
            Path(target).write_text(_undeclared(report), encoding="utf-8")
            current = target
        return {}

    def _executable(self, sheet: str) -> Any:
        if sheet not in self.sheets:
            self.sheets[sheet] = self.saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=sheet)
        return self.sheets[sheet]


def _undeclared(text: str) -> str:
    # The string is Unicode: whatever encoding the sheet announced no longer holds.
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text)


def _told(element: etree._Element) -> dict[str, Any]:
    text = " ".join("".join(str(each) for each in element.itertext()).split())
    return {
        "kind": "assert" if element.tag == f"{SVRL}failed-assert" else "report",
        "text": text[:MAX_TEXT],
        "role": element.get("role") or element.get("flag") or "",
        "test": (element.get("test") or "")[:MAX_TEXT],
        "location": (element.get("location") or "")[:MAX_TEXT],
    }


def serve(requests: TextIO, answers: TextIO) -> None:
    """Answer until the input ends; a request that fails is answered with its error, the process goes on."""
    engine = Engine.start()
    _say(answers, {"ready": engine.saxon.version})
    for line in requests:
        request = json.loads(line)
        try:
            answer = engine.answer(request) | {"ok": True}
        except Exception as exc:  # noqa: BLE001 - whatever a pack or a document makes Saxon say
            answer = {"ok": False, "error": " ".join(str(exc).split())[:MAX_TEXT] or type(exc).__name__}
        _say(answers, answer | {"id": request["id"], "resident": _resident()})


def _say(answers: TextIO, message: dict[str, Any]) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()


def _resident() -> int:
    """Resident bytes of this process; zero where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096
    except (OSError, ValueError):
        return 0


if __name__ == "__main__":
    # Whatever a library prints must not be taken for an answer.
    channel, sys.stdout = sys.stdout, sys.stderr
    serve(sys.stdin, channel)
