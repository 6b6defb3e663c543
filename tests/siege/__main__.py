"""``python -m tests.siege [PART …]``: parts of the siege by name, or all of them in turn, each in a process of its own.

Each part starts a service of its own on loopback, besieges it for a bounded time, prints what came of it as a table and
returns 1 when a promise was broken.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys

PARTS = {
    "overload": "more work than it can do, open loop: good answers, refusals, probes",
    "slow": "slow, silent, flooding and vanishing connections by the thousand",
    "kill": "kill -9 in the middle of imports, a hundred times",
    "fleet": "three instances and a Redis that is killed, frozen, filled, flushed; instances restarted",
    "soak": "mixed load for ten minutes (MINUTES=…): memory, threads and descriptors stay flat",
}


def main(arguments: list[str] | None = None) -> int:
    """Return 1 if a promise was broken in any part."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.siege",
        epilog="\n".join(f"  {name:<10}{what}" for name, what in PARTS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help="one of those below; all of them where none is named")
    named = parser.parse_args(arguments).parts
    if unknown := [name for name in named if name not in PARTS]:
        parser.error(f"no such part: {', '.join(unknown)}")
    if len(named) == 1:
        return int(importlib.import_module(f"tests.siege.{named[0]}").main())
    broken = [name for name in named or PARTS if subprocess.run([sys.executable, "-m", "tests.siege", name]).returncode]
    print(f"\nbroken promises: {', '.join(broken) or 'none'}")
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
