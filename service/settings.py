"""What an operator may set: one frozen ``Settings``, made from the environment by ``from_env`` and by nothing else.

Each field carries the name of its variable, how its text is read and what it means; README's table, ``--help`` and
``/api/debug`` are made from the same rows. A bad value stops the start with one line (``BadSetting``).
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from service import reading, redis_url
from service.reading import BadSetting, Networks, Proxies, Rate, Reader
from service.redis_url import RedisUrl

MIB = 1024 * 1024
ANYWHERE = "0.0.0.0"
WARM_QUERIES = "cars, food, sports, travel, fashion, technology, health, finance, entertainment"


def _from(variable: str, default: Any, reader: Reader, meaning: str, *, secret: bool = False) -> Any:
    metadata = {"variable": variable, "reader": reader, "meaning": meaning, "secret": secret}
    return field(default=default, repr=not secret, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The effective settings; ``None`` means "not set". Times are seconds, sizes bytes."""

    host: str = _from("HOST", "127.0.0.1", reading.host, "address to listen on; 0.0.0.0 where RENDER is set")
    port: int = _from("PORT", 8000, reading.whole(0, 65535), "port to listen on; 0 takes a free one")
    metrics_host: str = _from("METRICS_HOST", "127.0.0.1", reading.host, "address of the Prometheus listener")
    metrics_port: int = _from("METRICS_PORT", 8001, reading.whole(0, 65535), "Prometheus listener; 0 switches it off")

    database_path: Path = _from("DATABASE_PATH", Path("signals.db"), reading.path, "the catalogue, replaceable")
    state_path: Path = _from("STATE_PATH", Path("state.db"), reading.path, "what must last, such as blocks")

    operator_token: str | None = _from(
        "OPERATOR_TOKEN", None, reading.token, "bearer token of the operator endpoints", secret=True
    )
    operator_token_file: Path | None = _from(
        "OPERATOR_TOKEN_FILE", None, reading.path, "file that holds the token; reread at SIGHUP"
    )
    allowed_origins: tuple[str, ...] = _from(
        "ALLOWED_ORIGINS", (), reading.origins, "browser origins that may read answers (CORS), comma separated, or *"
    )
    allowed_hosts: tuple[str, ...] = _from(
        "ALLOWED_HOSTS", (), reading.hosts, "names that /mcp is reached by, besides BASE_URL's; others are refused"
    )
    mcp_auth: str = _from(
        "MCP_AUTH",
        "auto",
        reading.choice("auto", "required", "optional"),
        "whether tools that find signals over /mcp want an API key; auto wants one from the first key on that is made",
    )
    adcp_marketplace: bool = _from(
        "ADCP_MARKETPLACE",
        False,
        reading.switch,
        "claim signal-marketplace: the data providers name this agent in their adagents.json",
    )
    trusted_proxies: Proxies = _from(
        "TRUSTED_PROXIES", 0, reading.proxies, "0, a number of hops, or networks whose X-Forwarded-For is believed"
    )

    rate_limit: Rate = _from("RATE_LIMIT", Rate(100, 60), reading.rate, "requests/seconds for each client")
    key_rate_limit: Rate = _from(
        "KEY_RATE_LIMIT", Rate(100, 60), reading.rate, "requests/seconds for each API key without a limit of its own"
    )
    blocking: bool = _from("BLOCKING", True, reading.switch, "off only counts what would be blocked")
    block_score: int = _from("BLOCK_SCORE", 300, reading.whole(1, 1_000_000), "score at which a client is blocked")
    block_allow: Networks = _from("BLOCK_ALLOW", (), reading.networks, "networks that are never blocked")
    redis_url: RedisUrl | None = _from(
        "REDIS_URL", None, redis_url.read, "the Redis through which instances act as one", secret=True
    )
    redis_wait_seconds: float = _from(
        "REDIS_WAIT_SECONDS", 0.1, reading.number(0.001, 10), "longest wait for Redis; then each instance is by itself"
    )

    slots: int = _from("SLOTS", 0, reading.whole(0, 1024), "requests computed at once; 0 takes the CPU quota or cores")
    queue_size: int = _from("QUEUE_SIZE", 100, reading.whole(0, 10_000), "requests that may wait for a slot")
    queue_wait_seconds: float = _from("QUEUE_WAIT_SECONDS", 2.0, reading.number(0.0, 60), "longest wait for a slot")

    connection_limit: int = _from("CONNECTION_LIMIT", 2500, reading.whole(1, 100_000), "open connections in all")
    client_connections: int = _from(
        "CLIENT_CONNECTIONS", 50, reading.whole(0, 100_000), "open connections of one peer; 0 sets no limit"
    )
    request_deadline_seconds: float = _from(
        "REQUEST_DEADLINE_SECONDS", 10.0, reading.number(0.1, 600), "from a request's first byte to its last"
    )
    catalogue_upload_bytes: int = _from(
        "CATALOGUE_UPLOAD_BYTES", 64 * MIB, reading.size, "largest body of POST /api/catalogue"
    )

    catalogue_url: str | None = _from(
        "CATALOGUE_URL", None, reading.published, "where the catalogue is published: http, https or file", secret=True
    )
    catalogue_refresh_seconds: int = _from(
        "CATALOGUE_REFRESH_SECONDS", 300, reading.whole(1, 86_400), "between looks at CATALOGUE_URL"
    )

    cache_ttl_seconds: float = _from("CACHE_TTL_SECONDS", 600.0, reading.number(0, 86_400 * 30), "an answer is fresh")
    cache_stale_seconds: float = _from(
        "CACHE_STALE_SECONDS", 3600.0, reading.number(0, 86_400 * 30), "after that it is served stale while renewed"
    )
    cache_entries: int = _from("CACHE_ENTRIES", 10_000, reading.whole(1, 10_000_000), "rankings kept")
    cache_bytes: int = _from("CACHE_BYTES", 32 * MIB, reading.size, "memory for rankings and their pages")

    gemini_api_key: str | None = _from("GEMINI_API_KEY", None, reading.key, "has Gemini rank the answers", secret=True)
    gemini_api_key_file: Path | None = _from(
        "GEMINI_API_KEY_FILE", None, reading.path, "file that holds the key; reread at SIGHUP"
    )
    gemini_model: str = _from("GEMINI_MODEL", "gemini-flash-latest", reading.model, "which Gemini")
    gemini_api_endpoint: str | None = _from(
        "GEMINI_API_ENDPOINT", None, reading.endpoint, "another address than Google's"
    )
    ai_provider: str = _from(
        "AI_PROVIDER", "gemini", reading.choice("gemini", "openai"), "gemini, or openai for any compatible endpoint"
    )
    ai_base_url: str | None = _from(
        "AI_BASE_URL", None, reading.endpoint, "the compatible endpoint, such as http://localhost:11434/v1"
    )
    ai_model: str | None = _from("AI_MODEL", None, reading.model, "its model; for gemini the same as GEMINI_MODEL")
    ai_api_key: str | None = _from(
        "AI_API_KEY", None, reading.key, "its key, if it wants one; for gemini the same as GEMINI_API_KEY", secret=True
    )
    ai_wait_seconds: float = _from(
        "AI_WAIT_SECONDS",
        8.0,
        reading.number(0.1, 120),
        "longest wait for the AI, or for an answer under way",
    )
    ai_timeout_seconds: float = _from(
        "AI_TIMEOUT_SECONDS", 40.0, reading.number(0.1, 600), "budget of a call of the AI, all tries together"
    )
    ai_concurrency: int = _from("AI_CONCURRENCY", 8, reading.whole(1, 256), "calls of the AI at once")
    ai_cache_ttl_seconds: float = _from(
        "AI_CACHE_TTL_SECONDS", 86_400.0, reading.number(0, 86_400 * 30), "a ranking by the AI is fresh"
    )
    ai_warm_calls_per_day: int = _from(
        "AI_WARM_CALLS_PER_DAY", 100, reading.whole(0, 1_000_000), "calls of the AI that warm-ups may make"
    )
    ai_proposals: bool = _from("AI_PROPOSALS", False, reading.switch, "let the AI propose segments of its own")

    local_ranking: str = _from(
        "LOCAL_RANKING",
        "meaning",
        reading.choice("meaning", "text"),
        "how this process ranks by itself: by meaning, or by full text alone, which takes 100 MB less",
    )
    ranking_processes: int = _from(
        "RANKING_PROCESSES", 0, reading.whole(0, 64), "processes that rank by meaning beside this one; 0 ranks in it"
    )
    synonyms_path: Path | None = _from(
        "SYNONYMS_PATH", None, reading.path, "what words mean here: two columns with a tab between; read live"
    )

    activation_config: Path | None = _from(
        "ACTIVATION_CONFIG", None, reading.path, "TOML file of the ways to platforms; without one only samples go live"
    )
    activation_secret: str | None = _from(
        "ACTIVATION_SECRET", None, reading.signing_secret, "signs orders and callbacks of activations", secret=True
    )

    base_url: str | None = _from(
        "BASE_URL", None, reading.endpoint, "this service's public address; pinged, so that the platform sees traffic"
    )
    warm_interval_seconds: int = _from("WARM_INTERVAL_SECONDS", 300, reading.whole(5, 86_400), "between warm-ups")
    warm_queries: tuple[str, ...] = _from(
        "WARM_QUERIES",
        tuple(WARM_QUERIES.split(", ")),
        reading.words,
        "specs that are kept warm, besides the most asked",
    )

    alert_rules_path: Path | None = _from(
        "ALERT_RULES_PATH", None, reading.path, "TOML file that overrides alert rules; reread at SIGHUP"
    )
    alert_webhook_url: str | None = _from(
        "ALERT_WEBHOOK_URL", None, reading.url, "gets a JSON post at each firing and resolved", secret=True
    )

    instance_id: str = _from("INSTANCE_ID", "", reading.name, "name of this instance; RENDER_INSTANCE_ID or host-pid")
    log_level: str = _from(
        "LOG_LEVEL", "info", reading.choice("debug", "info", "warning", "error"), "least level logged"
    )
    log_format: str = _from("LOG_FORMAT", "json", reading.choice("json", "console"), "one JSON line each, or for eyes")
    drain_seconds: float = _from("DRAIN_SECONDS", 20.0, reading.number(0, 600), "time to finish work at the end")

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read the environment; an empty value means "not set". Raises ``BadSetting`` for the first bad one."""
        values: dict[str, Any] = {}
        for row in fields(cls):
            text = environ.get(row.metadata["variable"], "").strip()
            if text:
                meta = row.metadata
                values[row.name] = _read(meta["variable"], text, meta["reader"], secret=meta["secret"])
        if environ.get("RENDER"):
            values.setdefault("host", ANYWHERE)
        if "instance_id" not in values:
            values["instance_id"] = _instance(environ.get("RENDER_INSTANCE_ID", "").strip())
        settings = cls(**values)
        settings._agree()
        return settings

    def _agree(self) -> None:
        """Refuse settings that contradict each other."""
        if self.operator_token and self.operator_token_file:
            raise BadSetting("OPERATOR_TOKEN", "***", "unset when OPERATOR_TOKEN_FILE is set")
        if self.gemini_api_key and self.gemini_api_key_file:
            raise BadSetting("GEMINI_API_KEY", "***", "unset when GEMINI_API_KEY_FILE is set")
        if self.ai_provider == "openai" and not (self.ai_base_url and self.ai_model):
            raise BadSetting("AI_PROVIDER", self.ai_provider, "gemini, as long as AI_BASE_URL or AI_MODEL is not set")
        if self.metrics_port and self.metrics_port == self.port:
            raise BadSetting("METRICS_PORT", str(self.metrics_port), "another port than PORT, or 0")
        if os.path.realpath(self.database_path) == os.path.realpath(self.state_path):
            raise BadSetting("STATE_PATH", str(self.state_path), "another file than DATABASE_PATH")

    @property
    def compute_slots(self) -> int:
        """How many requests compute at once: ``SLOTS``, or the CPU quota, or the cores."""
        return self.slots or reading.processors()

    @property
    def threads(self) -> int:
        """Waitress threads: every bounded wait can be full and 12 threads still answer the rest."""
        ai_waits = self.queue_size // 2 + self.ai_concurrency if self.ai_enabled else 0
        return self.compute_slots + self.queue_size + self.queue_size // 2 + ai_waits + 12

    @property
    def ai_enabled(self) -> bool:
        """Whether an AI ranks: a key for Gemini, or an endpoint of another provider."""
        return self.ai_provider == "openai" or any((self.ai_api_key, self.gemini_api_key, self.gemini_api_key_file))

    def masked(self) -> dict[str, Any]:
        """Return variable -> value for ``/api/debug``: secrets masked, everything else JSON-safe."""
        shown: dict[str, Any] = {}
        for row in fields(self):
            value = getattr(self, row.name)
            masked = "***" if row.metadata["secret"] and value else value
            shown[row.metadata["variable"]] = reading.shown(masked)
        return shown


def _instance(given: str) -> str:
    """Return the platform's name of this instance, or host-pid in the letters that a header may hold."""
    if given:
        return str(_read("RENDER_INSTANCE_ID", given, reading.name))
    return re.sub(r"[^A-Za-z0-9._:-]", "-", f"{socket.gethostname()[:100]}-{os.getpid()}")


def _read(variable: str, text: str, reader: Reader, *, secret: bool = False) -> Any:
    try:
        return reader(text)
    except ValueError as error:
        raise BadSetting(variable, "***" if secret else text, str(error)) from None
