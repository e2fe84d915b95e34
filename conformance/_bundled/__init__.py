"""What travels with the package: profiles, fixtures, scenarios and the reference DUI.

A wheel carries them in this folder. In a source tree they lie at the top level, and this package's path
reaches them there, so that ``conformance._bundled.reference_dui`` has one name in both.
"""

from pathlib import Path

_source_tree = Path(__file__).resolve().parents[2]
if (_source_tree / "pyproject.toml").is_file() and (_source_tree / "reference_dui").is_dir():
    __path__.append(str(_source_tree))


def folder(name: str) -> Path:
    """The folder of one of the bundled parts: ``profiles``, ``fixtures``, ``scenarios``, ``reference_dui``."""
    here = Path(__file__).resolve().parent / name
    return here if here.is_dir() else _source_tree / name
