"""From a widget to the dashboard it sits in, typed. Widgets read the model through it and keep nothing of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

    from dashboard.app import Dashboard


def seat(widget: MessagePump) -> Dashboard:
    """Return the app of ``widget``."""
    return cast("Dashboard", cast(Any, widget).app)
