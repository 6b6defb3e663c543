"""Everything that watches: the journal, the counters, their history, the machine's sampler and the alert rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, cast

from service import VERSION
from service.monitoring.history import History
from service.monitoring.logs import Journal
from service.monitoring.rendering import Format
from service.monitoring.rules import Rule, load_rules, rules_for
from service.monitoring.sources import ServiceState
from service.monitoring.system import SystemSampler
from service.monitoring.tally import Tally
from service.monitoring.watch import Transition, Watch
from service.reading import BadSetting
from service.routes import ROUTES
from service.secret import Secrets
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Observation:
    """What the other parts report to; ``now`` is monotonic seconds, ``wall`` Unix seconds."""

    now: Callable[[], float]
    wall: Callable[[], float]
    journal: Journal
    tally: Tally
    history: History
    system: SystemSampler
    watch: Watch
    service: ServiceState


def observation(
    settings: Settings,
    secrets: Secrets,
    output: IO[Any] | None,
    now: Callable[[], float],
    wall: Callable[[], float],
    notify: Callable[[Transition], None],
) -> Observation:
    """Make what watches; ``notify`` is told of each change of an alert. Starts the journal's thread."""
    rules = rules_in_force(settings)
    journal = Journal(
        output,
        format=cast(Format, settings.log_format),
        level=settings.log_level,
        clock=wall,
        secrets=secrets.never_told(settings),
    )
    return Observation(
        now,
        wall,
        journal,
        Tally(route.endpoint for route in ROUTES),
        History(now()),
        SystemSampler(clock=now),
        Watch(rules, clock=wall, listeners=[notify]),
        ServiceState("signals-agent", VERSION, settings.instance_id, wall(), now()),
    )


def rules_in_force(settings: Settings) -> tuple[Rule, ...]:
    """Return the alert table with the operator's overrides. Raises ``BadSetting``."""
    rules = rules_for(settings.queue_size)
    if settings.alert_rules_path is None:
        return rules
    try:
        return load_rules(settings.alert_rules_path, rules)
    except ValueError as error:
        raise BadSetting(
            "ALERT_RULES_PATH", str(settings.alert_rules_path), f"a file of alert rules ({error})"
        ) from None
