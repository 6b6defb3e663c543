"""The tasks that find signals: ``get_adcp_capabilities`` and ``get_signals``, over the same core as REST."""

from __future__ import annotations

from collections.abc import Callable

from service.activation.deployed import Deployed, Live
from service.adcp import capabilities, live, versions
from service.adcp.capabilities import Facts
from service.adcp.envelope import Opened, opened
from service.adcp.requests import Discovery, discovery
from service.adcp.toolbox import Done, Known
from service.errors import Refused
from service.finding import Finder, Found
from service.mcp.tools import Called
from service.messages import Query, Request, never_gone


class Finding:
    """The tasks. ``facts()`` are those of the catalogue that is served now; ``marketplace`` is the operator's word."""

    def __init__(self, finder: Finder, deployed: Deployed, facts: Callable[[], Facts], marketplace: bool) -> None:
        self._finder = finder
        self._deployed = deployed
        self._facts = facts
        self._marketplace = marketplace

    def capabilities(self, request: Request, called: Called) -> Done:
        """Say what this agent can do."""
        release = versions.served(called.arguments)
        capabilities.check(called.arguments)
        return Done(opened("completed", release, capabilities.document(self._facts(), self._marketplace)))

    def known(self, request: Request, called: Called) -> Known | None:
        """Return what ends a call without a key whose page is kept; None where there is none."""
        asked: Discovery | None = called.memo.get("discovery")
        if asked is None or not asked.brief.spec or asked.brief.refs:
            return None
        query = _query(request, asked)
        try:
            self._finder.admit(request)
            find = self._finder.kept(query)
        except Refused:
            return None

        def end(find: Callable[[], Found]) -> Done:
            found = find()
            return Done(Opened(found.page.body, found.page.text), found.cache, found.fields(query))

        return None if find is None else lambda: end(find)

    def get_signals(self, request: Request, called: Called) -> Done:
        """Find signals. Raises ``Refused``."""
        self._finder.admit(request)
        asked = _asked(called)
        query = self._finder.as_seen_by(request.principal, _query(request, asked))
        principal = request.principal
        mine: Live = self._deployed.of(principal.id, asked.account) if principal else {}
        scope = "account" if mine and asked.account else "public"
        try:
            if asked.known_version is not None:
                current = live.version(self._finder.feed_version(query), mine)
                if current == asked.known_version:
                    return _unchanged(asked.form.release, current, scope)
            found = self._finder.find(query)
        except Refused as refusal:
            if refusal.field == "cursor":
                refusal.field = "pagination.cursor"
            raise
        page = Opened(found.page.body, found.page.text)
        if mine:
            page = live.seen_by(page, mine, asked.account is not None)
        return Done(page, found.cache, found.fields(query))


def _query(request: Request, asked: Discovery) -> Query:
    gone = request.environ.get("waitress.client_disconnected", never_gone)
    return Query(asked.brief, asked.max_results, asked.cursor, None, request.client, gone, form=asked.form)


def _asked(called: Called) -> Discovery:
    asked: Discovery | None = called.memo.get("discovery")
    if asked is None:
        # A refusal is made anew each time: it gathers the headers of its own request.
        asked = called.memo["discovery"] = discovery(called.arguments)
    return asked


def _unchanged(release: str, version: str, scope: str) -> Done:
    members = {"unchanged": True, "wholesale_feed_version": version, "cache_scope": scope}
    return Done(opened("completed", release, members))
