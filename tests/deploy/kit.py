"""The files of the deployment kit, read as the tools that use them read them."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).parent.parent.parent


def kit_files():
    """Return every file of the kit."""
    fixed = [ROOT / name for name in ("Dockerfile", ".dockerignore", "Procfile", "render.yaml", "docs/production.md")]
    folders = [ROOT / "deploy", ROOT / ".github"]
    found = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    # A secret of whoever works here stands in a folder that is never committed.
    return [*fixed, *[path for path in found if "secrets" not in path.parts]]


def read_yaml(name):
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


class Instruction(NamedTuple):
    """One instruction of a Dockerfile, with what follows its word."""

    word: str
    rest: str


def dockerfile():
    """Return the stages of the Dockerfile, each a list of instructions that begins with FROM."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    stages = []
    for line in re.sub(r"\\\n\s*", " ", "\n".join(lines)).splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            if word == "FROM":
                stages.append([])
            stages[-1].append(Instruction(word, rest.strip()))
    return stages


def image_environment():
    """Return what ENV sets in the last stage."""
    pairs = [shlex.split(row.rest) for row in dockerfile()[-1] if row.word == "ENV"]
    return dict(pair.split("=", 1) for row in pairs for pair in row)


def image_value(word):
    """Return the rest of an instruction that stands once in the last stage."""
    [found] = [row.rest for row in dockerfile()[-1] if row.word == word]
    return found


def image_command():
    return json.loads(image_value("CMD"))


def health_command():
    return json.loads(image_value("HEALTHCHECK").partition(" CMD ")[2])


def unit():
    """Return the settings of the systemd unit's [Service] section; what stands twice is joined by blanks."""
    text = (ROOT / "deploy/signals-agent.service").read_text(encoding="utf-8")
    section = text.partition("[Service]\n")[2].partition("\n[")[0]
    found = {}
    for line in section.splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found[key] = f"{found[key]} {value}" if key in found else value
    return found


def unit_environment():
    return dict(pair.split("=", 1) for pair in unit()["Environment"].split())


def render_environment():
    """Return the variables that render.yaml gives a value."""
    [service] = read_yaml("render.yaml")["services"]
    return {row["key"]: row["value"] for row in service["envVars"] if "value" in row}


def compose_environment(name="signals-1"):
    return read_yaml("deploy/compose.yaml")["services"][name]["environment"]


def procfile():
    """Return the Procfile's web line as (environment by default, command)."""
    line = (ROOT / "Procfile").read_text(encoding="utf-8").strip()
    assert line.startswith("web: ")
    words = shlex.split(line.removeprefix("web: "))
    pairs = [word.split("=", 1) for word in words if "=" in word]
    return {key: re.sub(r"^\$\{\w+:-(.*)\}$", r"\1", value) for key, value in pairs}, words[len(pairs) :]
