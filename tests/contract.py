"""``make contract``: schemathesis with every check against a running service of this checkout.

Starts the service with a token, raised limits and blocking off in a folder of its own, and ends it. Arguments are
handed on: ``python -m tests.contract --seed 7 --max-examples 200``.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.load import free_port, running

ROOT = Path(__file__).parent.parent
TOKEN = "contract-token"


def main() -> int:
    """Return schemathesis' exit code."""
    port = free_port()
    environ = os.environ | {
        "PYTHONPATH": str(ROOT),
        "PORT": str(port),
        "METRICS_PORT": "0",
        "OPERATOR_TOKEN": TOKEN,
        "RATE_LIMIT": "1000000/60",
        "BLOCKING": "off",
    }
    command = [str(ROOT / ".venv-contract/bin/schemathesis"), "--config-file", str(ROOT / "tests/schemathesis.toml")]
    command += ["run", "--checks", "all", "--max-examples", "100", "-H", f"Authorization: Bearer {TOKEN}"]
    command += [*sys.argv[1:], f"http://127.0.0.1:{port}/openapi.json"]
    with (
        tempfile.TemporaryDirectory() as folder,
        running(["-m", "service"], port, environ, Path(folder)),
        tempfile.TemporaryDirectory() as elsewhere,
    ):
        return subprocess.run(command, cwd=elsewhere).returncode


if __name__ == "__main__":
    sys.exit(main())
