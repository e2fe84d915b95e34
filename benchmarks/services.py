"""The simulated services, per second, beside a bare echo on the same server; rewrite the pages of docs/benchmarks.

    python benchmarks/services.py identity [--calls N] [--rounds N] [--people N]
    python benchmarks/services.py dmp [--submissions N] [--rounds N] [--kilobytes N]
    python benchmarks/services.py memory [--submissions N] [--kilobytes N]
    python benchmarks/services.py kill [--rounds N]

``identity``: INSi searches, log-ins, Annuaire searches. ``dmp``: ITI-41 with one document. One client, then sixteen at once, on
connections kept open, over HTTPS; the contenders are measured in turn, round after round, so that what else the machine does
strikes them alike. ``memory``: what the process of the services holds after many submissions. ``kill``: the campaign of
``kill -9`` on the DMP, and its figure.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import services_dmp, services_floor, services_identity


def main() -> None:
    """The commands."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    identity = commands.add_parser("identity")
    identity.add_argument("--calls", type=int, default=96)
    identity.add_argument("--rounds", type=int, default=5)
    identity.add_argument("--people", type=int, default=100_000)
    identity.set_defaults(run=services_identity.rates)
    dmp = commands.add_parser("dmp")
    dmp.add_argument("--submissions", type=int, default=96)
    dmp.add_argument("--rounds", type=int, default=5)
    dmp.add_argument("--kilobytes", type=int, default=1024)
    dmp.set_defaults(run=services_dmp.rates)
    memory = commands.add_parser("memory")
    memory.add_argument("--submissions", type=int, default=10_000)
    memory.add_argument("--kilobytes", type=int, default=128)
    memory.set_defaults(run=services_dmp.memory)
    kill = commands.add_parser("kill")
    kill.add_argument("--rounds", type=int, default=100)
    kill.set_defaults(run=services_dmp.kill)
    echo = commands.add_parser("echo", help="the bare server alone, as the others start it")
    echo.add_argument("home")
    echo.add_argument("scratch")
    echo.set_defaults(run=lambda options: services_floor.serve_echo(options.home, options.scratch))
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
