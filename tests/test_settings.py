"""The environment becomes frozen settings, or one line that says which variable is wrong."""

import dataclasses
import json
import os
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.reading import BadSetting, Rate, processors
from service.redis_url import RedisUrl
from service.settings import Settings

MIB = 1024 * 1024
TABLE = [
    # variable, field, default, a good text, what it means, bad texts
    ("HOST", "host", "127.0.0.1", "::", "::", ["a b", "http://x"]),
    ("PORT", "port", 8000, "9000", 9000, ["-1", "65536", "http"]),
    ("METRICS_HOST", "metrics_host", "127.0.0.1", "0.0.0.0", "0.0.0.0", ["[::1]"]),
    ("METRICS_PORT", "metrics_port", 8001, "0", 0, ["70000", "off"]),
    ("DATABASE_PATH", "database_path", Path("signals.db"), "/data/c.db", Path("/data/c.db"), ["a\0b"]),
    ("STATE_PATH", "state_path", Path("state.db"), "/data/s.db", Path("/data/s.db"), ["a\0b"]),
    ("OPERATOR_TOKEN", "operator_token", None, "correct-horse", "correct-horse", ["short", "with a blank"]),
    ("OPERATOR_TOKEN_FILE", "operator_token_file", None, "/run/token", Path("/run/token"), ["a\0b"]),
    ("ALLOWED_ORIGINS", "allowed_origins", (), "https://a.example", ("https://a.example",), ["a.example", "null"]),
    (
        "ALLOWED_HOSTS",
        "allowed_hosts",
        (),
        "A.example, [::1]",
        ("a.example", "[::1]"),
        ["a.example:80", "https://a.example"],
    ),
    ("MCP_AUTH", "mcp_auth", "auto", "Required", "required", ["yes"]),
    ("ADCP_MARKETPLACE", "adcp_marketplace", False, "on", True, ["maybe"]),
    ("TRUSTED_PROXIES", "trusted_proxies", 0, "10.0.0.0/8", (ip_network("10.0.0.0/8"),), ["yes", "100", "10.0.0.0/99"]),
    ("KEY_RATE_LIMIT", "key_rate_limit", Rate(100, 60), "600/60", Rate(600, 60), ["0", "5/0"]),
    ("RATE_LIMIT", "rate_limit", Rate(100, 60), "5/1", Rate(5, 1), ["0", "5/0", "five", "5/2/1"]),
    ("BLOCKING", "blocking", True, "off", False, ["maybe"]),
    ("BLOCK_SCORE", "block_score", 300, "50", 50, ["0", "-5", "1.5"]),
    ("BLOCK_ALLOW", "block_allow", (), "::1/128", (ip_network("::1/128"),), ["localhost"]),
    ("REDIS_URL", "redis_url", None, "redis://r", RedisUrl((("r", 6379),)), ["r:6379", "http://r", "redis://r?db=1"]),
    ("REDIS_WAIT_SECONDS", "redis_wait_seconds", 0.1, "0.25", 0.25, ["0", "11"]),
    ("SLOTS", "slots", 0, "4", 4, ["-1", "1025", "two"]),
    ("QUEUE_SIZE", "queue_size", 100, "0", 0, ["10001", "-1"]),
    ("QUEUE_WAIT_SECONDS", "queue_wait_seconds", 2.0, "0.5", 0.5, ["61", "-1", "nan"]),
    ("CONNECTION_LIMIT", "connection_limit", 2500, "10", 10, ["0", "many"]),
    ("CLIENT_CONNECTIONS", "client_connections", 50, "0", 0, ["-1"]),
    ("REQUEST_DEADLINE_SECONDS", "request_deadline_seconds", 10.0, "2", 2.0, ["0", "601", "inf"]),
    ("CATALOGUE_UPLOAD_BYTES", "catalogue_upload_bytes", 64 * MIB, "1GiB", 1024 * MIB, ["1", "65g", "big"]),
    (
        "CATALOGUE_URL",
        "catalogue_url",
        None,
        "file:///srv/c.csv",
        "file:///srv/c.csv",
        ["nowhere", "file:c", "ftp://a/b"],
    ),
    ("CATALOGUE_REFRESH_SECONDS", "catalogue_refresh_seconds", 300, "10", 10, ["0", "86401"]),
    ("CACHE_TTL_SECONDS", "cache_ttl_seconds", 600.0, "0", 0.0, ["-1", "99999999"]),
    ("CACHE_STALE_SECONDS", "cache_stale_seconds", 3600.0, "60", 60.0, ["-1"]),
    ("CACHE_ENTRIES", "cache_entries", 10_000, "1", 1, ["0"]),
    ("CACHE_BYTES", "cache_bytes", 32 * MIB, "64k", 65_536, ["0", "1TB"]),
    ("GEMINI_API_KEY", "gemini_api_key", None, "k", "k", ["a b", "\u00e9"]),
    ("GEMINI_API_KEY_FILE", "gemini_api_key_file", None, "key", Path("key"), ["a\0b"]),
    ("GEMINI_MODEL", "gemini_model", "gemini-flash-latest", "gemini-x", "gemini-x", ["a b", "?x"]),
    ("GEMINI_API_ENDPOINT", "gemini_api_endpoint", None, "http://a.example/", "http://a.example", ["a", "http://u@a"]),
    ("AI_PROVIDER", "ai_provider", "gemini", "GEMINI", "gemini", ["claude"]),
    ("AI_BASE_URL", "ai_base_url", None, "http://[::1]:1/v1", "http://[::1]:1/v1", ["x", "http://a/?b"]),
    ("AI_MODEL", "ai_model", None, "qwen3:4b", "qwen3:4b", ["a b"]),
    ("AI_API_KEY", "ai_api_key", None, "k", "k", ["a b"]),
    ("AI_WAIT_SECONDS", "ai_wait_seconds", 8.0, "1.5", 1.5, ["0", "121"]),
    ("AI_TIMEOUT_SECONDS", "ai_timeout_seconds", 40.0, "2", 2.0, ["0", "601"]),
    ("AI_CONCURRENCY", "ai_concurrency", 8, "1", 1, ["0", "257"]),
    ("AI_CACHE_TTL_SECONDS", "ai_cache_ttl_seconds", 86_400.0, "60", 60.0, ["-1"]),
    ("AI_WARM_CALLS_PER_DAY", "ai_warm_calls_per_day", 100, "0", 0, ["-1"]),
    ("AI_PROPOSALS", "ai_proposals", False, "on", True, ["maybe"]),
    ("LOCAL_RANKING", "local_ranking", "meaning", "TEXT", "text", ["fast"]),
    ("RANKING_PROCESSES", "ranking_processes", 0, "2", 2, ["-1", "65", "auto"]),
    ("SYNONYMS_PATH", "synonyms_path", None, "synonyms.tsv", Path("synonyms.tsv"), ["a\0b"]),
    ("ACTIVATION_CONFIG", "activation_config", None, "ways.toml", Path("ways.toml"), ["a\0b"]),
    ("ACTIVATION_SECRET", "activation_secret", None, "s" * 32, "s" * 32, ["too short"]),
    ("BASE_URL", "base_url", None, "https://a.example/", "https://a.example", ["a.example"]),
    ("WARM_INTERVAL_SECONDS", "warm_interval_seconds", 300, "60", 60, ["4", "86401"]),
    ("WARM_QUERIES", "warm_queries", None, "suv, vegan food", ("suv", "vegan food"), [","]),
    ("ALERT_RULES_PATH", "alert_rules_path", None, "rules.toml", Path("rules.toml"), ["a\0b"]),
    ("ALERT_WEBHOOK_URL", "alert_webhook_url", None, "https://a.example/x", "https://a.example/x", ["a.example"]),
    ("INSTANCE_ID", "instance_id", None, "web-1", "web-1", ["a b", "é", "a\nb"]),
    ("LOG_LEVEL", "log_level", "info", "DEBUG", "debug", ["loud"]),
    ("LOG_FORMAT", "log_format", "json", "console", "console", ["xml"]),
    ("DRAIN_SECONDS", "drain_seconds", 20.0, "0", 0.0, ["601", "soon"]),
]
SECRETS = {"OPERATOR_TOKEN", "REDIS_URL", "CATALOGUE_URL", "ALERT_WEBHOOK_URL", "GEMINI_API_KEY", "AI_API_KEY"}
SECRETS |= {"ACTIVATION_SECRET"}


@pytest.mark.parametrize(("variable", "field", "default", "text", "value", "bad"), TABLE, ids=lambda cell: str(cell))
def test_every_variable_has_a_default_a_good_value_and_refuses_bad_ones(variable, field, default, text, value, bad):
    if default is not None or variable in SECRETS:
        assert getattr(Settings.from_env({}), field) == default
    assert getattr(Settings.from_env({variable: text}), field) == value
    for rubbish in bad:
        with pytest.raises(BadSetting) as refusal:
            Settings.from_env({variable: rubbish})
        said = str(refusal.value)
        assert said.startswith(f"{variable}=")
        assert " is not valid: it must be " in said
        assert len(said.splitlines()) == 1
        assert (repr(rubbish) in said) == (variable not in SECRETS)


def test_no_setting_is_missing_from_this_table():
    rows = {row.metadata["variable"]: row for row in dataclasses.fields(Settings)}

    assert {(variable, field) for variable, field, *_ in TABLE} == {(name, row.name) for name, row in rows.items()}
    assert {name for name, row in rows.items() if row.metadata["secret"]} == SECRETS
    assert all(row.metadata["meaning"] for row in rows.values())


def test_the_default_warm_queries_are_the_nine_of_the_contract():
    queries = "cars, food, sports, travel, fashion, technology, health, finance, entertainment"

    assert ", ".join(Settings.from_env({}).warm_queries) == queries


@pytest.mark.parametrize("text", ["", "   ", "\t"])
def test_an_empty_value_means_not_set(text):
    variables = [variable for variable, *_ in TABLE]

    assert Settings.from_env(dict.fromkeys(variables, text)) == Settings.from_env({})


def test_blanks_around_a_value_do_not_matter():
    assert Settings.from_env({"PORT": " 9000\n"}).port == 9000


@pytest.mark.parametrize(
    ("environ", "variable"),
    [
        ({"OPERATOR_TOKEN": "correct-horse", "OPERATOR_TOKEN_FILE": "/run/token"}, "OPERATOR_TOKEN"),
        ({"PORT": "8001"}, "METRICS_PORT"),
        ({"PORT": "9000", "METRICS_PORT": "9000"}, "METRICS_PORT"),
        ({"DATABASE_PATH": "one.db", "STATE_PATH": "one.db"}, "STATE_PATH"),
        ({"DATABASE_PATH": "one.db", "STATE_PATH": "./sub/../one.db"}, "STATE_PATH"),
        ({"DATABASE_PATH": "one.db", "STATE_PATH": str(Path.cwd() / "one.db")}, "STATE_PATH"),
    ],
)
def test_settings_that_contradict_each_other_stop_the_start(environ, variable):
    with pytest.raises(BadSetting) as refusal:
        Settings.from_env(environ)
    assert refusal.value.variable == variable
    assert "correct-horse" not in str(refusal.value)


def test_two_links_to_one_file_are_one_file(tmp_path):
    (tmp_path / "link.db").symlink_to(tmp_path / "one.db")

    with pytest.raises(BadSetting):
        Settings.from_env({"DATABASE_PATH": str(tmp_path / "one.db"), "STATE_PATH": str(tmp_path / "link.db")})


def test_port_zero_takes_a_free_port_and_never_contradicts():
    settings = Settings.from_env({"PORT": "0", "METRICS_PORT": "0"})

    assert (settings.port, settings.metrics_port) == (0, 0)


def test_on_render_the_service_listens_everywhere_unless_told_otherwise():
    assert Settings.from_env({"RENDER": "true"}).host == "0.0.0.0"
    assert Settings.from_env({"RENDER": "true", "HOST": "10.0.0.5"}).host == "10.0.0.5"
    assert Settings.from_env({"RENDER": ""}).host == "127.0.0.1"


def test_an_instance_goes_by_its_own_name_then_the_platforms_then_host_and_pid():
    given_both = {"INSTANCE_ID": "mine", "RENDER_INSTANCE_ID": "srv-1"}

    assert Settings.from_env(given_both).instance_id == "mine"
    assert Settings.from_env({"RENDER_INSTANCE_ID": "srv-1"}).instance_id == "srv-1"
    assert Settings.from_env({"RENDER_INSTANCE_ID": " "}).instance_id.endswith(f"-{os.getpid()}")


def test_the_platforms_instance_name_must_fit_into_a_header():
    with pytest.raises(BadSetting, match="RENDER_INSTANCE_ID"):
        Settings.from_env({"RENDER_INSTANCE_ID": "a\r\nX-Injected: 1"})


def test_settings_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings.from_env({}).port = 1


def test_secrets_are_shown_nowhere_and_everything_else_is():
    secret = "sup3r-s3cret-value"
    settings = Settings.from_env({"OPERATOR_TOKEN": secret, "ALERT_WEBHOOK_URL": f"https://a.example/{secret}"})
    shown = settings.masked()

    assert secret not in json.dumps(shown) + repr(settings)
    assert shown["OPERATOR_TOKEN"] == shown["ALERT_WEBHOOK_URL"] == "***"
    assert set(shown) == {variable for variable, *_ in TABLE}
    assert (shown["PORT"], shown["RATE_LIMIT"], shown["TRUSTED_PROXIES"]) == (8000, "100/60", 0)


def test_that_no_secret_is_set_is_shown_too():
    assert Settings.from_env({}).masked()["OPERATOR_TOKEN"] is None


@given(
    environ=st.fixed_dictionaries(
        {}, optional={row[0]: st.just(row[3]) for row in TABLE if row[0] not in ("GEMINI_API_KEY_FILE", "AI_PROVIDER")}
    )
)
def test_whatever_is_set_the_masked_settings_are_json(environ):
    if {"OPERATOR_TOKEN", "OPERATOR_TOKEN_FILE"} <= set(environ):
        del environ["OPERATOR_TOKEN_FILE"]

    assert json.loads(json.dumps(Settings.from_env(environ).masked(), allow_nan=False))


@given(variable=st.sampled_from([row[0] for row in TABLE]), text=st.text(st.characters(), max_size=120))
def test_any_value_is_taken_or_refused_in_one_line(variable, text):
    try:
        settings = Settings.from_env({variable: text})
    except BadSetting as refusal:
        assert len(str(refusal).splitlines()) == 1
        assert len(str(refusal)) < 900
    else:
        json.dumps(settings.masked(), allow_nan=False, ensure_ascii=False).encode()


def test_slots_are_the_processors_unless_they_are_set():
    assert Settings.from_env({}).compute_slots == processors()
    assert Settings.from_env({"SLOTS": "3"}).compute_slots == 3


def test_there_is_a_thread_for_every_bounded_wait_and_twelve_for_the_rest():
    assert Settings.from_env({"SLOTS": "2", "QUEUE_SIZE": "100"}).threads == 2 + 100 + 50 + 12
    assert Settings.from_env({"SLOTS": "1", "QUEUE_SIZE": "0"}).threads == 13
    assert Settings.from_env({"SLOTS": "2", "GEMINI_API_KEY": "k"}).threads == 2 + 100 + 50 + 50 + 8 + 12


def test_an_ai_ranks_where_a_key_or_an_endpoint_is_set():
    assert not Settings.from_env({}).ai_enabled
    for name in ("GEMINI_API_KEY", "GEMINI_API_KEY_FILE", "AI_API_KEY"):
        assert Settings.from_env({name: "k"}).ai_enabled
    assert Settings.from_env({"AI_PROVIDER": "openai", "AI_BASE_URL": "http://localhost:1", "AI_MODEL": "m"}).ai_enabled


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"AI_PROVIDER": "openai", "AI_BASE_URL": "http://localhost:1"}, "AI_PROVIDER"),
        ({"AI_PROVIDER": "openai", "AI_MODEL": "small"}, "AI_PROVIDER"),
        ({"GEMINI_API_KEY": "secret-key", "GEMINI_API_KEY_FILE": "file"}, "GEMINI_API_KEY"),
    ],
)
def test_settings_of_the_ai_that_contradict_each_other_are_refused(environ, named):
    with pytest.raises(BadSetting, match=f"^{named}=") as refusal:
        Settings.from_env(environ)
    assert "secret-key" not in str(refusal.value)


@pytest.mark.parametrize("text", ["nowhere", "ftp://a/b", "file:c"])
def test_what_may_stand_in_catalogue_url_is_told_whole(text):
    with pytest.raises(BadSetting, match="http or https address, or file:///path"):
        Settings.from_env({"CATALOGUE_URL": text})
