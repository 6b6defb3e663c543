"""``make conformance``: the public checks of AdCP and MCP against this checkout, and what came of each.

Runs the storyboards (over the sample catalogue, and over one of marketplace signals), the schema fuzzer and the MCP
conformance suite against real services in folders of their own. What does not apply is listed with its reason in
``exceptions.toml``; the exit status is 1 if anything else fails, whatever the runners' own status is.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tools.conformance import marketplace

ROOT = Path(__file__).parent.parent.parent
HERE = Path(__file__).parent
FOLDER = ROOT / ".conformance"
MODULES = FOLDER / "node_modules"
NODE = MODULES / "node" / "bin" / "node"
SCENARIOS = ("server-initialize", "ping", "tools-list", "dns-rebinding-protection")
"""Those that apply to a server of tools alone; the others want resources, prompts, or the reference server's tools."""
FUZZED = ("get_signals", "get_adcp_capabilities")
SANDBOX = '[platforms."*"]\nadapter = "sandbox"\n[agents."*"]\nadapter = "sandbox"\n'
"""Ways to platforms that confirm at once, and say that they only simulate."""
PATIENCE = 600


class Row(NamedTuple):
    """What came of one check: ``pass``, ``fail``, or ``n/a`` with a reason."""

    check: str
    result: str
    reason: str = ""


@contextmanager
def service(**settings: str) -> Iterator[tuple[str, str]]:
    """Run the service over a catalogue; yields the address of its agent and a key."""
    port = str(_free_port())
    with tempfile.TemporaryDirectory() as folder:
        environ = os.environ | {"PYTHONPATH": str(ROOT), "PORT": port, "METRICS_PORT": "0", "LOCAL_RANKING": "text"}
        environ |= {"RATE_LIMIT": "1000000/60", "KEY_RATE_LIMIT": "1000000/60", "BLOCKING": "off"} | settings
        if "ADCP_MARKETPLACE" in settings:
            rows = Path(folder) / "rows.jsonl"
            marketplace.write(rows)
            ways = Path(folder) / "ways.toml"
            ways.write_text(SANDBOX, encoding="utf-8")
            environ["ACTIVATION_CONFIG"] = str(ways)
            _python(folder, environ, "service.catalogue", "import", str(rows), "--replace")
        key = _python(folder, environ, "service.keys", "create", "conformance").split()[0]
        program = subprocess.Popen(
            [sys.executable, "-m", "service"], cwd=folder, env=environ, stdout=subprocess.DEVNULL
        )
        try:
            _wait(program, int(port))
            yield f"http://127.0.0.1:{port}/mcp", key
        finally:
            program.terminate()
            program.wait(60)


def storyboards(url: str, key: str, label: str, *names: str) -> Iterator[Row]:
    """Run the storyboards that the agent's capabilities ask for, or those named."""
    told = json.loads(_node("storyboards.cjs", url, key, *names))
    exceptions = tomllib.loads((HERE / "exceptions.toml").read_text(encoding="utf-8"))
    failed = {(one["storyboard_id"], one["step_title"]): one for one in told["failures"]}
    for step in told["steps"]:
        storyboard = step["storyboard"].rpartition("/")[0] or step["storyboard"]
        check = f"{label}: {step['storyboard']}: {step['step']}"
        failure = failed.pop((storyboard, step["step"]), None)
        if step["skipped"]:
            yield Row(check, "n/a", _why_skipped(step))
        elif step["passed"] and failure is None:
            yield Row(check, "pass", "; ".join(step["warnings"]))
        else:
            step_id = failure["step_id"] if failure else ""
            yield _judged(check, storyboard, step_id, step["error"] or (failure or {}).get("error", ""), exceptions)
    seen = {step["storyboard"].rpartition("/")[0] or step["storyboard"] for step in told["steps"]}
    seen |= {name for name, _ in failed}
    for name in told["executed"]:
        if name not in seen:
            yield Row(f"{label}: {name}: all of its steps", "pass")
    for (storyboard, title), failure in failed.items():
        yield _judged(
            f"{label}: {storyboard}: {title}", storyboard, failure["step_id"], failure.get("error", ""), exceptions
        )


def _why_skipped(step: dict[str, Any]) -> str:
    return "; ".join(step["warnings"]) or step["details"] or str(step["skipped"])


def _judged(check: str, storyboard: str, step: str, error: str, exceptions: dict[str, Any]) -> Row:
    known = exceptions.get(f"{storyboard}/{step}") or exceptions.get(storyboard)
    return Row(check, "n/a", known["reason"]) if known else Row(check, "fail", str(error)[:200])


def fuzz(url: str, key: str) -> Iterator[Row]:
    """Run the schema fuzzer over the tools that read."""
    for tool in FUZZED:
        arguments = ("fuzz", url, "--tools", tool, "--turn-budget", "30", "--seed", "42", "--auth-token", key)
        done = _run([str(NODE), str(MODULES / "@adcp/sdk/bin/adcp.js"), *arguments])
        yield Row(f"fuzz: {tool}", "pass" if done.returncode == 0 else "fail", _last_line(done))


def mcp(url: str) -> Iterator[Row]:
    """Run the scenarios of the MCP conformance suite that apply."""
    suite = MODULES / "@modelcontextprotocol/conformance/dist/index.js"
    for scenario in SCENARIOS:
        done = _run([str(NODE), str(suite), "server", "--url", url, "--scenario", scenario])
        yield Row(f"mcp: {scenario}", "pass" if done.returncode == 0 else "fail", _last_line(done))


def show(rows: list[Row]) -> int:
    """Print the table, failures last; return the exit status."""
    for row in sorted(rows, key=lambda row: (row.result == "fail", row.result != "n/a")):
        print(f"{row.result:5} {row.check}" + (f"  ({row.reason})" if row.reason else ""))
    counts = {result: sum(row.result == result for row in rows) for result in ("pass", "fail", "n/a")}
    print(f"\n{counts['pass']} passed, {counts['fail']} failed, {counts['n/a']} do not apply")
    return 1 if counts["fail"] or not counts["pass"] else 0


def main() -> int:
    """Run everything; return the exit status."""
    with service() as (url, key):
        rows = [*storyboards(url, key, "sample"), *fuzz(url, key), *mcp(url)]
    with service(ADCP_MARKETPLACE="on") as (url, key):
        rows += storyboards(url, key, "marketplace", "signal_marketplace")
    return show(rows)


def _python(folder: str, environ: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=folder, env=environ, check=True, capture_output=True, text=True).stdout


def _node(program: str, *arguments: str) -> str:
    # Beside the packages, where Node looks for them.
    copy = FOLDER / program
    copy.write_bytes((HERE / program).read_bytes())
    done = _run([str(NODE), str(copy), *arguments])
    if done.returncode:
        raise SystemExit(f"{program} failed: {done.stderr[-2000:]}")
    return done.stdout


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    home = FOLDER / "home"
    home.mkdir(exist_ok=True)
    environ = os.environ | {"HOME": str(home), "ADCP_SKIP_VERSION_CHECK": "1"}
    return subprocess.run(
        command, cwd=FOLDER, env=environ, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return lines[-1][:120] if lines else ""


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _wait(program: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(600):
        if program.poll() is not None:
            raise SystemExit(f"the service ended with {program.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"nothing answers on port {port}")


if __name__ == "__main__":
    sys.exit(main())
