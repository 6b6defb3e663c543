"""The palette (ctrl+p): every action by name, made from the same bindings that the keys are made from.

First the screens, then what only the present screen can do, the big charts, what can be done everywhere, the looks, and
the targets where they are several.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.screen import Screen

from dashboard.themes import THEMES
from dashboard.widgets.hints import SCREENS
from dashboard.widgets.seat import seat


def commands(app: App[None], screen: Screen[Any]) -> Iterator[SystemCommand]:
    """Yield the commands of the palette over ``screen``."""
    here = seat(screen)
    for key, name, title in (*SCREENS, ("0", "fleet", "Fleet")):
        yield SystemCommand(f"Show {title}", f"key {key}", _later(app, f"app.show('{name}')"))
    for binding in bindings_of(screen):
        yield SystemCommand(binding.description, _keys(app, binding), _later(screen, binding.action))
    for vital in here.model.vitals(here.now(), 60.0):
        yield SystemCommand(f"Zoom {vital.name}", "the big chart", _later(app, f"app.zoom_to('{vital.key}')"))
    for own in app.BINDINGS:
        if isinstance(own, Binding) and not own.action.startswith("show("):
            yield SystemCommand(own.description, _keys(app, own), _later(app, f"app.{own.action}"))
    for theme in THEMES:
        yield SystemCommand(f"Theme {theme.name}", "look", _later(app, f"app.wear('{theme.name}')"))
    for index, model in enumerate(here.models if len(here.models) > 1 else ()):
        # The palette reads its titles as markup; a name is none, not even half of one.
        title = model.name.replace("[", "\\[")
        yield SystemCommand(f"Look at {title}", "target", partial(here.look_at, index))


def bindings_of(screen: Screen[Any]) -> list[Binding]:
    """Return what can be done on a screen besides what can be done everywhere."""
    ours = (kind for kind in type(screen).__mro__ if kind.__module__.startswith("dashboard."))
    found = [binding for kind in ours for binding in vars(kind).get("BINDINGS", ())]
    return [binding for binding in found if isinstance(binding, Binding) and binding.description]


def _keys(app: App[None], binding: Binding) -> str:
    keys = (binding.with_key(key) for key in binding.key.split(","))
    return f"key {' '.join(app.get_key_display(key) for key in keys)}"


def _later(node: App[None] | Screen[Any], action: str) -> Any:
    """Return a callback that runs ``action`` once the palette is gone."""

    async def run() -> None:
        await node.run_action(action)

    return run
