"""The workflow of GitHub Actions, read as text: it calls the program that there is, with the pinned httpx."""

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
WORKFLOW = (ROOT / ".github/workflows/keep-alive.yml").read_text(encoding="utf-8")


def test_it_installs_the_httpx_that_the_project_pins():
    pinned = re.findall(r"^httpx==\S+$", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)

    assert re.findall(r"httpx==\S+", WORKFLOW) == pinned


def test_it_pings_once_at_the_address_of_the_repository():
    assert "run: python keep_alive.py --once\n" in WORKFLOW
    assert "RENDER_URL: ${{ vars.RENDER_URL || secrets.RENDER_URL }}" in WORKFLOW


def test_it_runs_every_ten_minutes_or_by_hand_one_at_a_time_and_may_only_read():
    assert re.search(r'- cron: "3-59/10 \* \* \* \*"', WORKFLOW)
    for words in ("workflow_dispatch:", "concurrency:", "timeout-minutes: 8", "permissions:\n  contents: read\n"):
        assert words in WORKFLOW
    assert "write" not in WORKFLOW


def test_its_lines_have_the_form_of_yaml():
    lines = [line for line in WORKFLOW.splitlines() if line and not line.lstrip().startswith("#")]

    assert [line for line in lines if not re.match(r"(  )*(- )?[\w-]+:( \S.*)?$", line)] == []


def test_the_program_needs_nothing_but_httpx_and_python():
    tree = ast.parse((ROOT / "keep_alive.py").read_text(encoding="utf-8"))
    names = {
        name.name.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }
    names |= {str(node.module).partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert names - set(sys.stdlib_module_names) == {"httpx"}
