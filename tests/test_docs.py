"""README's tables say what the code does: every setting, route, refusal, metric, alert and column, no more no less."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

import keep_alive
from dashboard.arguments import parse_options
from dashboard.model.vitals import GLYPHS, WORDS
from dashboard.screens.help import SIGNS
from service import errors
from service.__main__ import main
from service.catalogue.columns import COLUMNS
from service.monitoring.metrics import make_registry, render
from service.monitoring.rules import RULES
from service.monitoring.sources import CacheState, ClientsState, Gauges, QueueState, ServiceState
from service.monitoring.tally import Tally
from service.reading import shown
from service.routes import ROUTES, Route
from service.settings import Settings

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def rows_under(heading: str) -> list[list[str]]:
    """Return the cells of every table row in a section of README, header rows left out."""
    section = re.split(r"^## ", README, flags=re.MULTILINE)
    text = next(part for part in section if part.startswith(heading + "\n"))
    lines = [line for line in text.splitlines() if line.startswith(("| ", "|-"))]
    tables = [lines[place + 1 :] for place, line in enumerate(lines) if line.startswith("|-")]
    found = []
    for table in tables:
        for place, line in enumerate(table):
            if place + 1 < len(table) and table[place + 1].startswith("|-"):
                break
            found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def default_of(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if text and value is not None else "none"


def test_every_setting_stands_in_readme_with_its_default_and_meaning():
    expected = [
        [f"`{row.metadata['variable']}`", default_of(shown(row.default)), row.metadata["meaning"]]
        for row in fields(Settings)
    ]

    assert rows_under("Settings") == expected


def test_every_setting_stands_in_the_help(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])

    told = capsys.readouterr().out
    for row in fields(Settings):
        assert re.search(rf"^  {row.metadata['variable']} +{re.escape(row.metadata['meaning'])}", told, re.MULTILINE)


def who(route: Route) -> str:
    return "operator" if route.operator else "API key" if route.key else "public"


def test_every_route_stands_in_readme():
    expected = [[route.method, f"`{route.endpoint}`", who(route), route.summary] for route in ROUTES]

    assert rows_under("Endpoints")[: len(ROUTES)] == expected


def test_every_type_of_refusal_stands_in_readme():
    told = " ".join(" ".join(row) for row in rows_under("Endpoints")[len(ROUTES) :])
    types = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.Refused)]
    seen = [kind for kind in types if kind is not errors.ClientGone]  # nobody reads that answer

    assert [kind.__name__ for kind in seen if str(kind.status) not in told] == []


def test_every_metric_stands_in_readme_with_its_type_and_help():
    gauges = Gauges(
        queue=lambda: QueueState(0, 100, 0, 2, 0),
        cache=lambda: CacheState(0, 1),
        clients=lambda: ClientsState(100, 60, 0),
    )
    body, _ = render(make_registry(ServiceState("signals-agent", "1", "i", 0, 0), Tally([]), gauges))
    helps = dict(re.findall(r"# HELP (\S+) (.*)", body.decode()))
    types = dict(re.findall(r"# TYPE (\S+) (\S+)", body.decode()))
    expected = [[f"`{name}`", types[name], text] for name, text in helps.items() if not name.startswith("process_")]

    assert rows_under("Metrics") == expected


def test_every_alert_stands_in_readme_with_its_thresholds():
    expected = [
        [
            rule.name,
            f"{rule.description} ({rule.unit})",
            f"{rule.window_seconds:g} s",
            f"{rule.comparison} {rule.warns:g}",
            f"{rule.comparison} {rule.fires:g}",
            f"{rule.clears:g}",
            f"{rule.for_seconds:g} s",
            str(rule.needs),
        ]
        for rule in RULES
    ]

    assert rows_under("Alerts") == expected


def test_every_option_of_the_dashboard_stands_in_readme(capsys):
    with pytest.raises(SystemExit):
        parse_options(["--help"])

    options = set(re.findall(r"^  (--[a-z-]+)", capsys.readouterr().out, re.MULTILINE))
    chapter = README.partition("## The dashboard")[2].partition("## The catalogue")[0]
    assert {option for option in options if option not in chapter} == set()


def test_every_sign_of_the_dashboard_stands_in_readme():
    told = [row[:2] for row in rows_under("The dashboard") if len(row) == 3]

    assert [[GLYPHS[state], WORDS[state]] for state, _ in SIGNS] == told


def test_every_option_and_variable_of_keep_alive_stands_in_readme_and_no_other(capsys):
    with pytest.raises(SystemExit):
        keep_alive.main(["--help"], {})
    told = capsys.readouterr().out
    options = re.findall(r"^  (--[a-z-]+|[A-Z]+)  ", told, re.MULTILINE)
    variables = re.findall(r"^  ([A-Z]+_[A-Z_]+)  ", told, re.MULTILINE)
    table = [row for row in rows_under("Keep it awake") if len(row) == 4]

    assert [f"`{name}`" for name in (*options, *variables)] == [
        *[row[0] for row in table if row[0]],
        *[row[1] for row in table if row[1]],
    ]
    assert [row[2] for row in table if row[1]] == ["none", "300", "3"]


def test_every_exit_code_of_keep_alive_stands_in_readme(capsys):
    with pytest.raises(SystemExit):
        keep_alive.main(["--help"], {})
    codes = capsys.readouterr().out.partition("exit codes:")[2].partition("examples:")[0]

    told = [row[0] for row in rows_under("Keep it awake") if row[0][:1].isdigit()]
    assert told == re.findall(r"^  (\d[\d, ]*?)  ", codes, re.MULTILINE)


def test_the_crontab_line_of_readme_is_that_of_the_help(capsys):
    with pytest.raises(SystemExit):
        keep_alive.main(["--help"], {})

    [line] = re.findall(r"^\*/10 .*$", README, re.MULTILINE)
    assert line in capsys.readouterr().out


def test_every_column_of_the_catalogue_stands_in_readme():
    told = " ".join(row[0] for row in rows_under("The catalogue")) + " ".join(
        row[1] for row in rows_under("The catalogue")
    )

    assert [name for name in COLUMNS if f"`{name}`" not in told] == []


def test_readme_counts_the_sample_right():
    sample = Path(__file__).parent.parent / "service/catalogue/sample.csv"
    signals = sample.read_text(encoding="utf-8").count("\n") - 1

    assert f"{signals:,} invented signals" in README


def test_each_row_of_what_it_survives_names_a_test_that_there_is():
    tests = "\n".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.rglob("test_*.py"))
    rows = rows_under("What it survives")

    assert len(rows) > 20
    for row in rows:
        named = re.findall(r"`(test_[a-z0-9_]+)`", row[-1])
        assert named, row[0]
        assert [name for name in named if f"def {name}(" not in tests] == []


def test_every_file_that_readme_names_is_there():
    root = Path(__file__).parent.parent
    named = re.findall(r"`(service/[a-z_/.]*|keep_alive\.py|\.github/[a-z/.-]*)`", README)
    named += re.findall(r"!\[[^]]*\]\(([^)]*)\)", README)

    assert named
    assert [name for name in named if not (root / name).exists()] == []
