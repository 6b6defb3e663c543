"""Start to the first 200, and resident memory: this service beside a bare Bottle on Waitress, in turn.

With its index present, once as it comes and once by full text alone (``LOCAL_RANKING=text``).
Usage: python -m tests.bench.bench_start [ROUNDS].
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.bench_serving import HERE, service_environ
from tests.bench.load import free_port, resident_megabytes, running

INDEX_SECONDS = 120


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        body = folder / "body.json"
        body.write_bytes(b"{}")
        first, _ = service_start(folder, indexed=True)
        starts, bare_starts, text_starts, sizes = [], [], [], []
        for _ in range(rounds):
            port = free_port()
            with running([str(HERE / "programs/bare_bottle.py"), str(port), str(body), "164"], port) as (_, seconds):
                bare_starts.append(seconds)
            text_starts.append(service_start(folder, LOCAL_RANKING="text")[0])
            seconds, megabytes = service_start(folder)
            starts.append(seconds)
            sizes.append(megabytes)
    bare, ours = statistics.median(bare_starts), statistics.median(starts)
    ratio = statistics.median(mine / other for mine, other in zip(starts, bare_starts, strict=True))
    print(f"bottle   first 200 after {bare:.2f} s")
    print(
        f"service  first 200 after {ours:.2f} s ({first:.2f} s when it makes its catalogue); service/bottle {ratio:.2f}"
    )
    by_text = statistics.median(mine / text for mine, text in zip(starts, text_starts, strict=True))
    print(f"by text  first 200 after {statistics.median(text_starts):.2f} s; service/by text {by_text:.2f}")
    print(f"service  {statistics.median(sizes):.0f} MB resident after the first answer")


def service_start(folder: Path, *, indexed: bool = False, **settings: str) -> tuple[float, float]:
    """Return the seconds to the first answer and the megabytes then; go on until there is an index if wished."""
    port = free_port()
    with running(["-m", "service"], port, service_environ(port) | settings, folder) as (program, seconds):
        megabytes = resident_megabytes(program)
        ends = time.monotonic() + INDEX_SECONDS
        while indexed and not any(".building-" not in path.name for path in folder.glob("*.index-*")):
            if time.monotonic() > ends:
                raise SystemExit("no index was built")
            time.sleep(0.05)
        return seconds, megabytes


if __name__ == "__main__":
    main()
