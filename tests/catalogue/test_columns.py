from __future__ import annotations

import pytest

from service.catalogue.columns import COLUMNS, deployment_object
from service.messages import Deployment


def parsed(column: str, value: object) -> object:
    return COLUMNS[column].parse(value)


@pytest.mark.parametrize(
    ("column", "as_text", "as_json", "value"),
    [
        ("path", "A > B>C", ["A", "B", "C"], ("A", "B", "C")),
        ("countries", "us; CA;US;", ["US", "CA"], ("US", "CA")),
        ("platforms", "DV360;x.y_z-1", ["dv360", "x.y_z-1"], (Deployment("dv360"), Deployment("x.y_z-1"))),
        ("deployments", '[{"platform": "a"}]', [{"platform": "a", "is_live": True}], (Deployment("a"),)),
    ],
)
def test_a_list_means_the_same_in_csv_and_in_json(column, as_text, as_json, value):
    assert parsed(column, as_text) == parsed(column, as_json) == value


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", "a b"),
        ("id", "x" * 129),
        ("id", 7),
        ("path", "A >> B"),
        ("path", ["A > B"]),
        ("path", "x > " * 16 + "x"),
        ("path", 7),
        ("provider_domain", "under_score.example"),
        ("currency", "dollars"),
        ("countries", "USA"),
        ("countries", 7),
        ("countries", ["US"] * 251),
        ("platforms", "two words"),
        ("platforms", [None]),
        ("deployments", "[{"),
        ("deployments", "[" * 100_000),
        ("deployments", {"platform": "a"}),
        ("deployments", ["a"]),
        ("deployments", [{"platform": "a", "seat": 1}]),
        ("deployments", [{"platform": "a", "is_live": 1}]),
        ("deployments", [{"platform": "a", "type": "shop"}]),
        ("deployments", [{"type": "agent"}]),
        ("deployments", [{"type": "agent", "agent_url": "javascript:1"}]),
        ("deployments", [{"type": "platform"}]),
    ],
)
def test_a_value_of_the_wrong_shape_is_refused(column, value):
    with pytest.raises(ValueError, match=r"^(is|has) "):
        parsed(column, value)


def test_an_agent_needs_an_address_and_no_platform():
    agent = Deployment("", False, "agent", "https://agent.example/mcp")

    assert parsed("deployments", [deployment_object(agent)]) == (agent,)


def test_long_lists_are_parsed_as_short_ones_are():
    assert len(parsed("platforms", ";".join(f"platform-{n}" for n in range(100)))) == 100
