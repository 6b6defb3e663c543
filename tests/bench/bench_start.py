"""Start to the first 200, and resident memory: this service beside a bare Bottle on Waitress, in turn.

Usage: python -m tests.bench.bench_start [ROUNDS].
"""

import statistics
import sys
import tempfile
from pathlib import Path

from tests.bench.bench_serving import HERE, service_environ
from tests.bench.load import free_port, resident_megabytes, running


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        body = folder / "body.json"
        body.write_bytes(b"{}")
        first, _ = service_start(folder)
        starts, bare_starts, sizes = [], [], []
        for _ in range(rounds):
            port = free_port()
            with running([str(HERE / "programs/bare_bottle.py"), str(port), str(body), "164"], port) as (_, seconds):
                bare_starts.append(seconds)
            seconds, megabytes = service_start(folder)
            starts.append(seconds)
            sizes.append(megabytes)
    bare, ours = statistics.median(bare_starts), statistics.median(starts)
    ratio = statistics.median(mine / other for mine, other in zip(starts, bare_starts, strict=True))
    print(f"bottle   first 200 after {bare:.2f} s")
    print(
        f"service  first 200 after {ours:.2f} s ({first:.2f} s when it makes its catalogue); service/bottle {ratio:.2f}"
    )
    print(f"service  {statistics.median(sizes):.0f} MB resident after the first answer")


def service_start(folder: Path) -> tuple[float, float]:
    """Return the seconds to the first answer and the megabytes then."""
    port = free_port()
    with running(["-m", "service"], port, service_environ(port), folder) as (program, seconds):
        return seconds, resident_megabytes(program)


if __name__ == "__main__":
    main()
