"""The first line of every screen: which service and instance, up since when, how fresh the data is, what time it is."""

from __future__ import annotations

from textual.content import Content

from dashboard.model import words
from dashboard.model.snapshot import Service
from dashboard.widgets.line import Line, Part, fitted
from dashboard.widgets.seat import seat


def uptime(seconds: float | None) -> str:
    """Return ``3d 04:12`` (days, hours and minutes), ``04:12:07`` within the first day, a dash if unknown."""
    if seconds is None:
        return "–"
    whole = int(seconds)
    days, rest = divmod(whole, 86_400)
    hours, minutes = divmod(rest // 60, 60)
    return f"{days}d {hours:02}:{minutes:02}" if days else f"{hours:02}:{minutes:02}:{whole % 60:02}"


def age_words(age_seconds: float | None) -> str:
    """Return ``data 0.4s ago`` in a width that does not change from one second to the next."""
    return "no data yet" if age_seconds is None else f"data {words.ago(age_seconds)}"


def service_parts(service: Service | None, name: str, url: str, instances: int = 1) -> list[Part]:
    """Return who is looked at, the name first; ``instances`` answer at that URL."""
    title = Content.styled(name or "signals-agent", "bold")
    if service is None:
        return [Part(title), Part(Content.styled(url, "$text-muted"), 1)]
    if service.name:
        title = Content.styled(words.plain(service.name, 40), "bold")
        if service.version:
            title += Content.styled(f" {words.plain(service.version, 20)}", "$text-muted")
    parts = [Part(title)]
    if service.instance:
        behind = f" ⇄ {instances}" if instances > 1 else ""
        parts.append(Part(Content(words.plain(service.instance, 40) + behind), 3))
    parts.append(Part(Content.styled(f"up {uptime(service.uptime_seconds)}", "$text-muted"), 4))
    parts.append(Part(Content.styled(url, "$text-muted"), 6))
    return parts


class Header(Line):
    """Service on the left; interval, data age and clock on the right."""

    DEFAULT_CSS = "Header { background: $surface; }"

    def line(self, width: int) -> Content:
        app = seat(self)
        latest = app.model.latest
        connection = app.model.connection(app.now())
        age = Content.styled(
            age_words(connection.age_seconds), "$text-muted" if connection.data_ok else "bold $warning"
        )
        right = [
            Part(Content.styled(f"◴ {app.model.interval:g}s", "$text-muted"), 5),
            Part(age, 2),
            Part(Content.styled(app.clock_time(), "bold")),
        ]
        if app.paused:
            right.insert(0, Part(Content.styled(" PAUSED ", "bold $background on $warning")))
        service = None if latest is None else latest.service
        behind = len(app.model.instances(app.now()))
        return fitted(service_parts(service, app.model.name, app.model.url, behind), right, width)
