"""``make audit``: known weaknesses of every pinned package and of what it brings along, file by file.

It asks the public database of advisories through pip-audit, which says "no known vulnerabilities" of packages that it
could not ask about, too. Here those count as unknown. Exit code 0: all were asked about and none is weak; 1: one is
weak; 2: it cannot be known.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
CLEAN, WEAK, UNKNOWN = 0, 1, 2
NAMED = 8


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known about the packages of one file; ``weak`` holds a line for each weakness."""

    asked: int
    unknown: tuple[str, ...]
    weak: tuple[str, ...]


def read(report: str) -> Verdict:
    """Return what a report of pip-audit in JSON says. Raises ``ValueError`` if it is none."""
    packages = json.loads(report)["dependencies"]
    unknown = tuple(sorted(package["name"] for package in packages if "skip_reason" in package))
    weak = tuple(
        f"{package['name']} {package['version']}: {flaw['id']}, "
        f"mended in {', '.join(flaw['fix_versions']) or 'no release'}"
        for package in packages
        for flaw in package.get("vulns", ())
    )
    return Verdict(len(packages) - len(unknown), unknown, weak)


def ask(requirements: Path) -> Verdict | str:
    """Return the verdict about one file, or the last words of pip-audit if it gave none."""
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--format",
        "json",
        "--progress-spinner",
        "off",
        "-r",
        str(requirements),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=900)
        return read(done.stdout)
    except subprocess.TimeoutExpired:
        return "no answer within 15 minutes"
    except (ValueError, KeyError):
        return (done.stderr.strip().splitlines() or ["no report"])[-1][:200]


def judge(verdicts: dict[str, Verdict | str]) -> tuple[int, list[str]]:
    """Return the exit code and the lines to print."""
    lines, code = [], CLEAN
    for name, verdict in verdicts.items():
        if isinstance(verdict, str):
            lines.append(f"{name}: could not be audited: {verdict}")
            code = code or UNKNOWN
            continue
        lines.append(f"{name}: {verdict.asked} packages asked about, {len(verdict.weak)} weaknesses")
        lines += [f"  {line}" for line in verdict.weak]
        if verdict.unknown:
            more = f" and {len(verdict.unknown) - NAMED} more" if len(verdict.unknown) > NAMED else ""
            lines.append(f"  unknown: {', '.join(verdict.unknown[:NAMED])}{more}")
            code = code or UNKNOWN
        if verdict.weak:
            code = WEAK
    if code == UNKNOWN:
        lines.append("The database of advisories could not be asked about all packages (is the internet reachable?).")
        lines.append("Nothing is known about them: this is no clean bill of health.")
    return code, lines


def main() -> int:
    """Audit every requirements file of this checkout; return the exit code."""
    code, lines = judge({path.name: ask(path) for path in sorted(ROOT.glob("requirements*.txt"))})
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main())
