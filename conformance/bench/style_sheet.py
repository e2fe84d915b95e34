"""The process in which a style sheet is applied: the sheet comes from the product, and may never end.

Standard input holds the length of the sheet (eight bytes, big endian), the sheet, and the document; standard output
gets the rendering. Whatever the sheet asks for from outside (``document()``, imports) is an empty element, as for a
reader who has the document alone. XSLT 1.0, as browsers apply it.
"""

from __future__ import annotations

import resource
import sys
from typing import Any

from lxml import etree

# Seconds of processor, and bytes.
PROCESSOR, MEMORY, MAX_OUTPUT = 10, 1024**3, 8 * 1024 * 1024
MAX_REASON = 300


class Nothing(etree.Resolver):
    """What is outside the document."""

    def resolve(self, *asked: Any) -> Any:
        """An empty element, whatever is asked: address, public identifier, and the context to answer in."""
        return self.resolve_string("<nothing/>", asked[-1], base_url=None)


def rendered(sheet: bytes, document: bytes) -> bytes:
    """The document as the sheet displays it; a sheet that cannot be compiled or applied raises ``etree.XSLTError``."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    parser.resolvers.add(Nothing())
    # The rights to read go to the resolver above, which answers for every address and reads nothing.
    control: Any = etree.XSLTAccessControl
    access = control(read_file=True, read_network=True, write_file=False, create_dir=False, write_network=False)
    transform = etree.XSLT(etree.fromstring(sheet, parser).getroottree(), access_control=access)
    return bytes(transform(etree.fromstring(document, parser).getroottree()))


def main() -> int:
    """Apply; the exit code says whether it went, standard error why not."""
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR, PROCESSOR))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    given = sys.stdin.buffer.read()
    length = int.from_bytes(given[:8], "big")
    try:
        output = rendered(given[8 : 8 + length], given[8 + length :])
    except (etree.LxmlError, ValueError, MemoryError) as exc:
        sys.stderr.write(str(exc)[:MAX_REASON])
        return 1
    sys.stdout.buffer.write(output[:MAX_OUTPUT])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
