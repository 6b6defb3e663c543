"""Who may come in: the blocks, the limits of addresses and keys, and the operator's token, alone or with others.

What instances share stands before what this one keeps: ``book`` and ``limiter`` are the shared ones where there are
any, and those of this process otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.blocks import Blocks, Ledger, steady
from service.deferred_ledger import DeferredLedger
from service.keys.verifier import Verifier
from service.messages import Request, Response
from service.observation import Observation
from service.pipeline import Stage
from service.reading import BadSetting, Rate
from service.settings import Settings
from service.sliding_window import SlidingWindow
from service.stages.authenticate import Authenticator, authenticate
from service.stages.identify import is_loopback, is_within
from service.stages.key_limit import KeyLimits, Window
from service.stages.operator import WRONG_TOKENS_A_MINUTE, WRONG_TOKENS_WITHOUT_BLOCKING, gatekeeper
from service.state import BlockRow, State

if TYPE_CHECKING:
    from service.company import Company
    from service.fleet.clients import SharedClients

MISTAKES_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Gatehouse:
    """The parts that others look at; ``blocks`` and ``window`` are this instance's own."""

    ledger: DeferredLedger
    blocks: Blocks
    window: SlidingWindow
    company: Company | None
    key_limits: KeyLimits
    check_operator: Callable[[Request], None]
    authenticated: Stage[Request, Response]

    @property
    def book(self) -> Blocks | SharedClients:
        """Who is blocked, and what is charged."""
        return self.company.fleet.clients if self.company else self.blocks

    @property
    def limiter(self) -> SlidingWindow | SharedClients:
        """The limit by address."""
        return self.company.fleet.clients if self.company else self.window


def gatehouse(
    settings: Settings, watching: Observation, state: State, operator_token: Callable[[], str | None]
) -> Gatehouse:
    """Make the gatehouse. Raises ``BadSetting`` where instances shall share and the client of Redis is missing."""
    now, wall = watching.now, watching.wall
    ledger = DeferredLedger(state)
    # The company is looked up when somebody is blocked, not before.
    blocks = _blocks(settings, watching, ledger, lambda row: company.fleet.mirror.note(row) if company else None)
    window = SlidingWindow(*settings.rate_limit, clock=now)
    company = _company(settings, watching, window, blocks)
    key_limits = KeyLimits(settings.key_rate_limit, _key_window(now, company), wall)
    book = company.fleet.clients if company else blocks
    wrong_tokens = WRONG_TOKENS_A_MINUTE if settings.blocking else WRONG_TOKENS_WITHOUT_BLOCKING
    check = gatekeeper(operator_token, book, now, wrong_tokens)
    mistakes = SlidingWindow(wrong_tokens, 60, now, MISTAKES_BYTES)
    keys = Authenticator(Verifier(state.keys, state.is_usable, wall, now), operator_token, book, mistakes)
    authenticated = authenticate(keys.key_of, key_limits, watching.tally.key)
    return Gatehouse(ledger, blocks, window, company, key_limits, check, authenticated)


def _company(settings: Settings, watching: Observation, window: SlidingWindow, blocks: Blocks) -> Company | None:
    if settings.redis_url is None:
        return None
    try:
        from service.company import Company  # and with it Redis' client, which nobody else needs
        from service.fleet.wiring import fleet
    except ModuleNotFoundError as error:
        raise BadSetting("REDIS_URL", "***", f"unset, or requirements-fleet.txt installed ({error})") from None
    return Company(settings, watching, fleet(settings, settings.redis_url, watching, window, blocks, _exempt(settings)))


def _key_window(now: Callable[[], float], company: Company | None) -> Callable[[Rate], Window]:
    """Return what makes the window of a key: shared by all instances where there are several."""

    def window(rate: Rate) -> Window:
        own = SlidingWindow(*rate, clock=now)
        return company.fleet.window("key", rate, own) if company else own

    return window


def _exempt(settings: Settings) -> Callable[[str], bool]:
    return lambda client: is_loopback(client) or is_within(client, settings.block_allow)


def _blocks(settings: Settings, watching: Observation, ledger: Ledger, also_tell: Callable[[BlockRow], None]) -> Blocks:
    def tell(row: BlockRow) -> None:
        also_tell(row)
        watching.journal.event("warning", "blocked", client=row.client, until=row.until, reason=row.reason)

    # A wall clock that is set neither lets a client out nor keeps it in.
    clock = steady(watching.now, watching.wall)
    blocks = Blocks(
        settings.block_score, ledger, clock, enforce=settings.blocking, exempt=_exempt(settings), on_block=tell
    )
    blocks.load()
    return blocks
