"""The files of the deployment kit: no secret, no root, settings that the service takes, and who is trusted."""

import math
import re
import shutil
import subprocess

import pytest

from service import VERSION
from service.settings import Settings
from service.stages.identify import client_of
from tests.deploy.kit import (
    ROOT,
    compose_environment,
    dockerfile,
    health_command,
    image_command,
    image_environment,
    image_value,
    kit_files,
    procfile,
    read_yaml,
    render_environment,
    unit,
    unit_environment,
)

OWN = ("signals-1", "signals-2")
LATER = {"REDIS_URL", "CATALOGUE_URL"}
"""Variables that a service without the feature does not know."""
SECRET_NAMES = r"(?i)(token|password|passwd|secret|api_?key|private_?key|webhook_url)"
KNOWN_SECRETS = (
    r"AIza[0-9A-Za-z_-]{30,}",
    r"sk-[A-Za-z0-9_-]{20,}",
    r"gh[pousr]_[A-Za-z0-9]{20,}",
    r"AKIA[0-9A-Z]{16}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY",
    r"(?:redis|rediss|https?)://[^/\s:@]*:[^/\s@]+@",
)


def environments():
    """Return what each file that runs the service sets, by its name."""
    return {
        "Dockerfile": image_environment(),
        "compose": image_environment()
        | {key: value for key, value in compose_environment().items() if "$" not in value},
        "render": render_environment(),
        "unit": unit_environment(),
        "Procfile": procfile()[0],
    }


def entropy(text):
    return -sum(text.count(char) / len(text) * math.log2(text.count(char) / len(text)) for char in set(text))


def secrets_in(text):
    """Return what looks like a secret: known forms, values of telling names, and words that look drawn by lot."""
    found = [match[0] for form in KNOWN_SECRETS for match in re.finditer(form, text)]
    for match in re.finditer(rf"{SECRET_NAMES}\w*[\"']?[ ]*[=:][ ]*[\"']?([^\s\"',}}]+)", text):
        # A file, a reference, an ellipsis and a switch are no secrets.
        if not re.match(r"[^A-Za-z0-9]|(true|false|none)$", match[2]):
            found.append(match[0])
    drawn = re.findall(r"(?<![\w/.-])[A-Za-z0-9+]{32,}(?![\w/.-])", text)
    return found + [word for word in drawn if entropy(word) > 3.4 and re.search("[0-9]", word)]


def test_no_file_of_the_kit_holds_a_secret():
    files = kit_files()

    assert len(files) > 12
    assert {str(path.relative_to(ROOT)): secrets_in(path.read_text(encoding="utf-8")) for path in files} == {
        str(path.relative_to(ROOT)): [] for path in files
    }


@pytest.mark.parametrize(
    "line",
    [
        "OPERATOR_TOKEN=0123456789abcdef",
        "GEMINI_API_KEY: AIzaSyA1234567890abcdefghijklmnopqrstuv",
        "password: hunter22",
        "url: redis://:hunter2@valkey:6379",
        "- key: something\n  value: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "-----BEGIN EC PRIVATE KEY-----",
    ],
)
def test_the_search_for_secrets_finds_them(line):
    assert secrets_in(line)


def test_secrets_of_the_kit_are_kept_out_of_commits_and_images():
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    compose = read_yaml("deploy/compose.yaml")

    assert {".env", "deploy/secrets/"} <= set(ignored)
    assert all(row["file"].startswith("./secrets/") for row in compose["secrets"].values())
    assert (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()[1] == "*"
    [service] = read_yaml("render.yaml")["services"]
    rows = {row["key"]: row for row in service["envVars"]}
    assert rows["OPERATOR_TOKEN"]["generateValue"] is True
    assert rows["GEMINI_API_KEY"] == {"key": "GEMINI_API_KEY", "sync": False}


@pytest.mark.parametrize("name", environments())
def test_the_service_takes_every_setting_of_the_kit(name):
    given = environments()[name]
    known = {field.metadata["variable"] for field in Settings.__dataclass_fields__.values()}
    foreign = {"PATH", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHON_VERSION"}

    assert set(given) - known - foreign - LATER == set()
    assert "TRUSTED_PROXIES" in given
    settings = Settings.from_env(given)
    assert settings.drain_seconds == 20.0


# Who is trusted, file by file


def client(file, peer, forwarded):
    return client_of(peer, forwarded, Settings.from_env(environments()[file]).trusted_proxies)


def test_the_bare_image_believes_nobody():
    assert client("Dockerfile", "203.0.113.5", "198.51.100.1") == "203.0.113.5"


def test_in_compose_the_balancer_alone_is_believed():
    services = read_yaml("deploy/compose.yaml")["services"]
    balancer = services["balancer"]["networks"]["inner"]["ipv4_address"]

    assert compose_environment()["TRUSTED_PROXIES"] == balancer
    assert client("compose", balancer, "198.51.100.1, 203.0.113.5") == "203.0.113.5"
    assert client("compose", "172.30.0.3", "198.51.100.1") == "172.30.0.3"
    # Its servers are the instances, under the addresses that they really have.
    for number, name in enumerate(OWN, 1):
        address = services[name]["networks"]["inner"]["ipv4_address"]
        assert services["balancer"]["environment"][f"SIGNALS_{number}"] == f"{address}:8000"


def test_on_render_the_client_is_the_third_from_the_right():
    """The chain as it was seen there: what a client sent, the client, Cloudflare, a proxy of Render."""
    peer = "10.19.1.1"

    assert client("render", peer, "203.0.113.5, 172.70.247.28, 10.19.6.53") == "203.0.113.5"
    assert client("render", peer, "198.51.100.1,203.0.113.5, 172.71.95.118, 10.19.64.237") == "203.0.113.5"
    assert client("render", peer, "2001:db8::5, 172.70.247.28, 10.19.6.53") == "2001:db8::"


def test_the_unit_believes_the_proxy_of_its_machine():
    assert client("unit", "127.0.0.1", "198.51.100.1, 203.0.113.5") == "203.0.113.5"
    assert client("unit", "::1", "203.0.113.5") == "203.0.113.5"
    assert client("unit", "10.0.0.9", "203.0.113.5") == "10.0.0.9"


def test_a_platform_that_reads_a_procfile_has_one_router_before_the_service():
    assert client("Procfile", "10.1.45.23", "198.51.100.1, 203.0.113.5") == "203.0.113.5"


# The image


def test_the_image_is_made_without_a_compiler_and_runs_as_nobody_special():
    stages = dockerfile()
    runs = " ".join(row.rest for stage in stages for row in stage if row.word == "RUN")

    assert len(stages) == 2
    assert {stage[0].rest.split()[0] for stage in stages} == {"python:3.11.14-slim-bookworm"}
    assert "--only-binary :all:" in runs
    assert not re.search(r"apt-get|apk add|gcc|build-essential", runs)
    user, group = image_value("USER").split(":")
    assert int(user) == int(group) == 10001
    assert f"--owner {user} --group {group}" in runs
    assert "pip uninstall" in stages[-1][[row.word for row in stages[-1]].index("RUN")].rest
    # What is secret is never an argument or a variable of the build.
    assert not [
        row for stage in stages for row in stage if row.word in ("ARG", "ENV") and re.search(SECRET_NAMES, row.rest)
    ]
    assert not [row for stage in stages for row in stage if row.word == "ADD"]


def test_the_image_starts_directly_and_is_told_to_end_by_the_signal_that_drains():
    assert image_command() == ["python", "-m", "service"]
    assert image_value("STOPSIGNAL") == "SIGTERM"
    assert "/health" in health_command()[-1]
    assert image_value("VOLUME") == "/data"
    environment = image_environment()
    assert environment["DATABASE_PATH"].startswith("/data/")
    assert environment["STATE_PATH"].startswith("/data/")
    assert (environment["HOST"], environment["METRICS_HOST"]) == ("0.0.0.0", "0.0.0.0")
    assert environment["PYTHONDONTWRITEBYTECODE"] == environment["PYTHONUNBUFFERED"] == "1"


def test_the_labels_say_what_it_is():
    [labels] = [row.rest for row in dockerfile()[-1] if row.word == "LABEL"]

    assert f'image.version="{VERSION}"' in labels
    for name in ("title", "description", "licenses", "revision"):
        assert f"org.opencontainers.image.{name}=" in labels


def test_the_image_holds_what_it_copies_and_what_it_copies_is_let_through():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    sources = [word for row in dockerfile()[0] if row.word == "COPY" for word in row.rest.split()[:-1]]

    assert {line[1:] for line in ignored if line.startswith("!")} == set(sources)
    assert [name for name in sources if not (ROOT / name).exists()] == []


# Compose, unit, Render


def test_containers_are_hardened_and_none_is_root():
    services = read_yaml("deploy/compose.yaml")["services"]

    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert int(service["user"].split(":")[0]) > 0, name
        assert re.search(r":v?\d+\.\d+\.\d+", service["image"]), name
        assert "privileged" not in service
        assert service.get("healthcheck") or name in OWN, name


def test_nothing_but_the_balancer_is_published():
    compose = read_yaml("deploy/compose.yaml")
    published = {name: row["ports"] for name, row in compose["services"].items() if "ports" in row}

    assert published == {"balancer": ["8080:8080"], "grafana": ["127.0.0.1:3000:3000"]}
    assert all(compose["networks"][name]["internal"] for name in ("inner", "store", "watch"))
    assert [name for name, row in compose["services"].items() if "store" in row["networks"]] == [*OWN, "valkey"]


def test_valkey_is_bounded_and_writes_nothing():
    command = read_yaml("deploy/compose.yaml")["services"]["valkey"]["command"]
    options = dict(zip(command[1::2], command[2::2], strict=True))

    assert options["--maxmemory"] == "128mb"
    assert options["--maxmemory-policy"] == "allkeys-lru"
    assert (options["--save"], options["--appendonly"]) == ("", "no")


def test_everything_that_ends_the_service_waits_longer_than_its_drain():
    drain = Settings.from_env({}).drain_seconds
    [render] = read_yaml("render.yaml")["services"]
    services = read_yaml("deploy/compose.yaml")["services"]

    waits = [services[name]["stop_grace_period"].removesuffix("s") for name in OWN]
    waits += [unit()["TimeoutStopSec"], render["maxShutdownDelaySeconds"]]
    assert min(map(float, waits)) >= drain + 10


def test_render_asks_for_the_health_that_is_meant_for_platforms():
    [service] = read_yaml("render.yaml")["services"]

    assert service["healthCheckPath"] == "/health"
    assert service["plan"] == "free"
    assert service["startCommand"] == "python -m service"


def test_the_procfile_starts_the_service_in_place_of_the_shell():
    assert procfile()[1] == ["exec", "python", "-m", "service"]


def test_the_unit_is_hardened_and_has_a_user_of_its_own():
    settings = unit()

    assert settings["DynamicUser"] == settings["NoNewPrivileges"] == "yes"
    assert settings["ProtectSystem"] == "strict"
    assert settings["KillSignal"] == "SIGTERM"
    assert settings["EnvironmentFile"].startswith("-/etc/")
    state = "/var/lib/" + settings["StateDirectory"]
    assert unit_environment()["DATABASE_PATH"] == f"{state}/signals.db"
    assert unit_environment()["STATE_PATH"] == f"{state}/state.db"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_has_nothing_against_the_unit_but_that_it_is_not_installed_here():
    file = ROOT / "deploy/signals-agent.service"
    run = subprocess.run(["systemd-analyze", "verify", file], capture_output=True, text=True, timeout=60)
    complaints = [line for line in run.stderr.splitlines() if file.name in line and "is not executable" not in line]

    assert complaints == []
    command = ["systemd-analyze", "security", "--offline=yes", "--threshold=20", file]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stdout[-200:]


@pytest.mark.parametrize("path", sorted((ROOT / ".github/workflows").glob("*.yml")), ids=lambda path: path.name)
def test_workflows_may_read_alone_and_take_actions_by_version(path):
    workflow = read_yaml(path.relative_to(ROOT))

    assert workflow["permissions"] == {"contents": "read"}
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@v\d+\.\d+\.\d+", step["uses"]) for step in steps if "uses" in step)
    assert all(job["timeout-minutes"] <= 60 for job in workflow["jobs"].values())


def test_ci_runs_the_two_commands_of_readme_on_every_python_that_is_supported():
    [job] = read_yaml(".github/workflows/ci.yml")["jobs"].values()

    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    told = " ".join(step.get("run", "") for step in job["steps"])
    assert "make lint" in told
    assert "make test" in told
    for package in re.findall(r"need\+=\((?!make|python3)([a-z-]+)\)", (ROOT / ".ci/run").read_text(encoding="utf-8")):
        assert package in told


@pytest.mark.parametrize("file", ["Dockerfile", "deploy/signals-agent.service"])
def test_who_is_told_to_share_a_redis_has_its_client_installed(file):
    assert re.search(
        r"pip .*-r \S*requirements-fleet\.txt", (ROOT / file).read_text(encoding="utf-8").replace("\\\n", "")
    )
