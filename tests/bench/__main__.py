"""``make bench``: every benchmark in turn, each in a process of its own."""

import subprocess
import sys

BENCHMARKS = (
    "bench_serving",
    "bench_walk",
    "bench_mcp",
    "bench_ai",
    "bench_ai_walk",
    "bench_start",
    "bench_ranking",
    "bench_window",
    "bench_fleet",
    "bench_import",
    "bench_dashboard",
)


def main() -> int:
    """Return 1 if a benchmark failed."""
    failed = 0
    for name in BENCHMARKS:
        print(f"== {name}", flush=True)
        failed |= subprocess.run([sys.executable, "-m", f"tests.bench.{name}"]).returncode
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
