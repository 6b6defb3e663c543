"""What becomes of a change of an alert: a line in the journal, and a post to the webhook where one is set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.monitoring.watch import Transition
from service.monitoring.webhook import Document, Postbox, alert_document
from service.observation import Observation
from service.settings import Settings

if TYPE_CHECKING:
    from service.outgoing import Outcome

POST_SECONDS = 5.0


def postbox(settings: Settings, watching: Observation) -> Postbox | None:
    """Return what posts to the webhook, None where none is set. What it cannot post at once is logged."""
    url = settings.alert_webhook_url
    if url is None:
        return None

    def post(document: Document) -> Outcome:
        from service.outgoing import send  # httpx takes a tenth of the service's start, and few set a webhook

        return send("POST", url, json=document, seconds=POST_SECONDS)

    def report(alert: str, outcome: str, given_up: bool) -> None:
        watching.journal.event("warning", "webhook", alert=alert, outcome=outcome, given_up=given_up)

    return Postbox(post, report)


def tell(settings: Settings, watching: Observation, box: Postbox | None, change: Transition) -> None:
    """Log a change; have a notable one posted."""
    level = "warning" if change.state in ("firing", "pending", "warning") else "info"
    fields = change.document()
    watching.journal.event(level, "alert", alert=fields.pop("name"), **fields)
    rule = watching.watch.rule(change.name)
    if box is not None and rule is not None and change.notable:
        box.put(alert_document(change, rule, settings.instance_id))
