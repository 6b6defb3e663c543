"""The tasks that find signals: ``get_adcp_capabilities`` and ``get_signals``, over the same core as REST."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from service.adcp import capabilities, versions
from service.adcp.capabilities import Facts
from service.adcp.envelope import Opened, opened
from service.adcp.requests import discovery
from service.adcp.toolbox import Done
from service.errors import Refused
from service.messages import Query, Request, never_gone
from service.signals import Signals


class Finding:
    """The tasks. ``facts()`` are those of the catalogue that is served now."""

    def __init__(self, signals: Signals, facts: Callable[[], Facts]) -> None:
        self._signals = signals
        self._facts = facts

    def capabilities(self, request: Request, arguments: dict[str, Any]) -> Done:
        """Say what this agent can do."""
        release = versions.served(arguments)
        capabilities.check(arguments)
        return Done(opened("completed", release, capabilities.document(release, self._facts())))

    def get_signals(self, request: Request, arguments: dict[str, Any]) -> Done:
        """Find signals. Raises ``Refused``."""
        self._signals.admit(request)
        asked = discovery(arguments)
        gone = request.environ.get("waitress.client_disconnected", never_gone)
        query = Query(asked.brief, asked.max_results, asked.cursor, None, request.client, gone, asked.form)
        try:
            if asked.known_version is not None and asked.known_version == self._signals.feed_version(query):
                return _unchanged(asked.form.release, asked.known_version)
            found = self._signals.find(query)
        except Refused as refusal:
            if refusal.field == "cursor":
                refusal.field = "pagination.cursor"
            raise
        return Done(Opened(found.page.body, found.page.text), found.cache, found.fields(query))


def _unchanged(release: str, version: str) -> Done:
    members = {"unchanged": True, "wholesale_feed_version": version, "cache_scope": "public"}
    return Done(opened("completed", release, members))
