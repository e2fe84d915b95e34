"""Coverage-guided fuzzing: ``python -m tests.fuzz.run [--seconds N] [--corpus DIR] [TARGET …]`` (needs atheris).

Each target runs in a process of its own, since the engine never returns. An input that raises, hangs or eats memory is
written to ``tests/fuzz/findings`` under its target's name, where the ordinary tests replay it ever after.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

FINDINGS = Path(__file__).parent / "findings"
# An input that takes longer, or more memory, is a finding: a document is read in milliseconds.
SECONDS_EACH = 20
MEGABYTES = 2048
MAX_INPUT = 200_000


def main() -> int:
    """Run the targets one after the other; answer 1 when one of them found something."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("targets", nargs="*")
    asked.add_argument("--seconds", type=int, default=60, help="for each target")
    asked.add_argument("--corpus", type=Path, default=Path("build/fuzz"), help="inputs that reached new code")
    asked.add_argument("--one", help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.one:
        _fuzz(options.one, options.seconds, options.corpus)
        return 0
    from tests.fuzz.targets import TARGETS

    failed = [name for name in options.targets or TARGETS if _alone(name, options)]
    print("found something: " + (", ".join(failed) or "none"))  # noqa: T201 - the answer of a command
    return 1 if failed else 0


def _alone(name: str, options: argparse.Namespace) -> bool:
    command = [sys.executable, "-m", "tests.fuzz.run", "--one", name]
    command += ["--seconds", str(options.seconds), "--corpus", str(options.corpus)]
    return subprocess.run(command, check=False).returncode != 0


def _fuzz(name: str, seconds: int, corpus: Path) -> None:
    import atheris

    with atheris.instrument_imports(include=["conformance"], enable_loader_override=False):
        from conformance.documents_api import hush_parsers
        from tests.fuzz.targets import TARGETS
    hush_parsers()
    target = TARGETS[name]
    kept = corpus / name
    kept.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (kept / f"seed-{number}").write_bytes(seed)
    FINDINGS.mkdir(exist_ok=True)
    flags = [f"-max_total_time={seconds}", f"-timeout={SECONDS_EACH}", f"-rss_limit_mb={MEGABYTES}"]
    flags += [f"-max_len={MAX_INPUT}", f"-artifact_prefix={FINDINGS / name}-", "-print_final_stats=1"]

    def read(content: bytes) -> None:
        target.read(content)

    atheris.Setup([sys.argv[0], *flags, str(kept)], read)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
