"""What becomes of a change of an alert: a line in the journal, and a post to the webhook where one is set."""

from __future__ import annotations

from collections.abc import Callable

from service.monitoring.rules import Rule
from service.monitoring.watch import Transition
from service.observation import Observation
from service.settings import Settings

Later = Callable[[Callable[[], object], str], bool]


def tell(settings: Settings, watching: Observation, later: Later, change: Transition) -> None:
    """Log the change; have a notable one posted on another thread by ``later(job, name)``."""
    level = "warning" if change.state in ("firing", "pending", "warning") else "info"
    fields = change.document()
    watching.journal.event(level, "alert", alert=fields.pop("name"), **fields)
    rule, url = watching.watch.rule(change.name), settings.alert_webhook_url
    if url is not None and rule is not None and change.notable:
        later(_post(settings, watching, change, rule, url), "webhook")


def _post(settings: Settings, watching: Observation, change: Transition, rule: Rule, url: str) -> Callable[[], None]:
    def post() -> None:
        # Here, not above: httpx takes a tenth of the service's start, and few set a webhook.
        from service.monitoring.webhook import post_alert

        outcome = post_alert(url, change, rule, instance=settings.instance_id)
        if outcome != "ok":
            watching.journal.event("warning", "webhook", alert=change.name, outcome=outcome)

    return post
