"""``make siege-fuzz``: every parser under a fuzzer guided by coverage, two at a time, each for ``SECONDS`` (60).

Prints a table; exits with 1 at a finding, whose input and traceback it prints. Arguments name the targets to fuzz.
"""

import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.targets import NASTY, TARGETS, Target

ROOT = Path(__file__).parents[2]
AT_ONCE = 2
LONGEST_INPUT = 8192
_STATE = re.compile(r"#(\d+)\s.*?cov: (\d+) ft: (\d+) corp: (\d+)/")
_DONE = re.compile(r"stat::number_of_executed_units: (\d+)|Done (\d+) runs in (\d+) second")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one target came to; ``finding`` holds the end of the fuzzer's words, and is empty when all was well."""

    name: str
    runs: int
    seconds: float
    coverage: int
    corpus: int
    finding: str


def fuzz(target: Target, seconds: float, folder: Path) -> Outcome:
    """Fuzz one target in a process of its own."""
    corpus = folder / target.name.replace(" ", "-")
    corpus.mkdir()
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    words = folder / f"{corpus.name}.words"
    words.write_text("".join(f'"{escaped(word)}"\n' for word in words_of(target)))
    command = [sys.executable, "-m", "tests.fuzz.guided", target.name, f"-max_total_time={seconds:g}", "-timeout=10"]
    command += [f"-max_len={LONGEST_INPUT}", "-rss_limit_mb=1024", "-seed=1", "-verbosity=1", "-print_final_stats=1"]
    command += ["-use_value_profile=1", f"-dict={words}"]
    command += [f"-artifact_prefix={corpus.name}-", str(corpus)]
    done = subprocess.run(
        command, cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, timeout=seconds + 120
    )
    said = done.stderr.decode(errors="replace") + done.stdout.decode(errors="replace")
    return outcome(target.name, seconds, said, done.returncode, folder)


def words_of(target: Target) -> list[bytes]:
    """Return what the seeds are made of, and what often breaks a reader: the fuzzer puts these where it likes."""
    found = {word for seed in target.seeds for word in re.findall(rb"[A-Za-z_.-]{2,40}|[0-9.]+|[^\w\s]{1,3}", seed)}
    return sorted(found | set(NASTY))


def escaped(word: bytes) -> str:
    """Return a word as libFuzzer's dictionaries want it."""
    return "".join(f"\\x{byte:02x}" for byte in word)


def outcome(name: str, seconds: float, said: str, code: int, folder: Path) -> Outcome:
    """Read what the fuzzer said."""
    states = _STATE.findall(said)
    runs, coverage, _, corpus = (int(figure) for figure in (states[-1] if states else "0000"))
    runs = max([runs, *(int(first or second) for first, second, _ in _DONE.findall(said))])
    finding = ""
    if code:
        inputs = [path.read_bytes() for path in sorted(folder.glob(f"{name.replace(' ', '-')}-*")) if path.is_file()]
        finding = f"{said[-3000:]}\ninput: {inputs[:1]!r}"
    return Outcome(name, runs, seconds, coverage, corpus, finding)


def main() -> int:
    """Fuzz all targets, or those that the arguments name; return the exit code."""
    seconds = float(os.environ.get("SECONDS", "60"))
    wanted = [target for target in TARGETS if not sys.argv[1:] or target.name in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(lambda target: fuzz(target, seconds, Path(folder)), wanted))
    print(f"{'target':<15}{'executions':>12}{'a second':>10}{'branches':>10}{'corpus':>8}  findings")
    for row in outcomes:
        rate = row.runs / row.seconds
        print(f"{row.name:<15}{row.runs:>12,}{rate:>10,.0f}{row.coverage:>10}{row.corpus:>8}  {int(bool(row.finding))}")
    for row in outcomes:
        if row.finding:
            print(f"\n--- {row.name}\n{row.finding}")
    return int(any(row.finding for row in outcomes))


if __name__ == "__main__":
    sys.exit(main())
