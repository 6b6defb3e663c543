"""The life of the service: start, serve, reread at SIGHUP, drain at SIGTERM or SIGINT, end.

``run`` blocks until the drain is done. It owns what is global to a process: signal handlers, the switch interval and
the standard library's logging; that is why it is called by ``__main__`` alone.
"""

from __future__ import annotations

import gc
import logging
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING

from scheduler.runner import Runner
from service.deferred_ledger import DeferredLedger
from service.engine import Engine
from service.memory import share_heaps
from service.monitoring.logs import JournalHandler
from service.monitoring.webhook import Postbox
from service.observation import Observation, rules_in_force
from service.ranking.indexing import Indexer
from service.reading import BadSetting
from service.secret import Secrets
from service.server import Server
from service.settings import Settings
from service.state import State
from service.timers import WARMUP

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from service.company import Company
    from service.monitoring.exposition import MetricsServer

SWITCH_SECONDS = 0.001  # measured in docs/overload.md: longer holds the loop up, shorter makes threads wake in vain
COLLECT_AFTER = (10_000, 10, 10)  # fourteen times as many new objects as Python's own: few are ever in cycles
LAST_SECONDS = 2.0
HEAD_START_SECONDS = 0.3  # what the first answer gets before the scheduler and the metrics port are begun


class MetricsPort:
    """The Prometheus listener, which a taken port does not keep the service from running without."""

    def __init__(self, registry: Callable[[], CollectorRegistry], host: str, port: int) -> None:
        self._registry = registry
        self._host = host
        self._wanted = port
        self._server: MetricsServer | None = None
        self.fault: str | None = None

    def open(self) -> None:
        if not self._wanted:
            return
        from service.monitoring.exposition import serve_metrics  # slow to import, and opened beside the server

        try:
            self._server = serve_metrics(self._registry(), self._host, self._wanted)
        except (OSError, RuntimeError) as error:  # taken, or no thread is to be had
            self.fault = getattr(error, "strerror", None) or str(error)

    def close(self) -> None:
        if self._server is not None:
            self._server.close()

    @property
    def port(self) -> int | None:
        """The port really bound."""
        return self._server.port if self._server else None


@dataclass(frozen=True, slots=True)
class Service:
    """A service that is bound to its port. ``run`` it once, or ``close`` it."""

    settings: Settings
    secrets: Secrets
    watching: Observation
    ledger: DeferredLedger
    state: State
    engine: Engine
    runner: Runner
    indexer: Indexer | None
    postbox: Postbox | None
    metrics_port: MetricsPort
    server: Server
    company: Company | None = None

    def run(self, ready: Callable[[], None] = lambda: None) -> int:
        """Serve until drained; returns the exit code: 0, or 1 if requests were lost. ``ready`` is called before."""
        # Beside the server, which can answer already: the scheduler takes longer to import than the rest to start.
        starter = threading.Thread(target=self._start_others, name="starter")
        starter.start()
        ready()
        try:
            lost = self.server.run()
            if lost:
                self.watching.journal.event("error", "requests_lost", requests=lost)
        finally:
            starter.join()
            self.close()
        return 1 if lost else 0

    def drain(self) -> None:
        """Begin to end: whatever was accepted is still answered."""
        self.watching.journal.event("info", "draining", seconds=self.settings.drain_seconds)
        self.server.drain()

    def reread(self) -> None:
        """Take token, key and alert rules anew from their files; what is wrong is logged, and the old one stays."""
        journal, sound = self.watching.journal, True
        # Each by itself: broken rules must not keep out a new token, nor leave it unmasked in the log.
        for take in (
            self.secrets.operator_token.reread,
            self.secrets.ai_key.reread,
            lambda: self.watching.watch.replace_rules(rules_in_force(self.settings)),
        ):
            try:
                take()
            except BadSetting as error:
                journal.event("error", "reread_failed", error=str(error))
                sound = False
        journal.replace_secrets(self.secrets.never_told(self.settings))
        if sound:
            journal.event("info", "reread")

    def close(self) -> None:
        """End every part; safe to call for a service that never ran."""
        self.engine.warming.warmup.stop()
        if self.engine.ai is not None:
            self.engine.ai.calls.close()
        if self.indexer is not None:
            self.indexer.stop()
        self.runner.stop(LAST_SECONDS)
        self.metrics_port.close()
        self.server.close()
        if self.postbox is not None:
            self.postbox.close(LAST_SECONDS)
        if self.company is not None:
            self.company.close()
        self.engine.shelf.close()
        self.engine.warming.remember()
        self.ledger.close()
        self.state.close()
        self.watching.journal.event("info", "stopped")
        self.watching.journal.close(LAST_SECONDS)

    def _start_others(self) -> None:
        # Their imports would take the interpreter from the first answer, for which somebody may be waiting.
        self.server.answered.wait(HEAD_START_SECONDS)
        self.metrics_port.open()
        self._tell_start()
        self.runner.start()
        if self.indexer is not None:
            self.indexer.start()
        if self.engine.ai is not None:
            self.engine.ai.calls.load(self._warm_by_ai)

    def _warm_by_ai(self) -> None:
        # The first warm-up found the AI loading, and the next one is minutes away.
        self.engine.warming.warm_soon(lambda: self.runner.run_now(WARMUP))

    def _tell_start(self) -> None:
        host, port = self.server.address
        journal = self.watching.journal
        journal.event(
            "info",
            "started",
            address=f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}",
            metrics_port=self.metrics_port.port,
            instance=self.settings.instance_id,
            threads=self.settings.threads,
            slots=self.settings.compute_slots,
            connections=self.server.limits.connection_limit,
            ranking=self._ranking(),
            operators="token" if self.secrets.operator_token() else "local callers only: no OPERATOR_TOKEN is set",
        )
        trouble = self.engine.shelf.trouble()
        if trouble:
            journal.event("error", "catalogue", path=str(self.settings.database_path), error=trouble)
        if self.metrics_port.fault:
            journal.event("error", "metrics_port", port=self.settings.metrics_port, error=self.metrics_port.fault)

    def _ranking(self) -> str:
        if self.engine.ai is None:
            return "local: no AI is set"
        provider = self.engine.ai.calls.provider
        return f"{provider.name}/{provider.model}, local where it cannot"


def own_process(service: Service) -> None:
    """Take over signals, logging, memory and the switch interval of this process."""
    share_heaps()
    sys.setswitchinterval(SWITCH_SECONDS)
    # A collection stops every thread. What was made by now stays, and needs no looking through again and again.
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    root = logging.getLogger()
    root.addHandler(JournalHandler(service.watching.journal))

    def end(number: int, frame: FrameType | None) -> None:
        service.drain()

    def reread(number: int, frame: FrameType | None) -> None:
        # Not here: a signal handler runs in the server's loop, and files may be slow. Nor as a job: those may be too.
        threading.Thread(target=service.reread, name="reread", daemon=True).start()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGHUP, reread)
    # Held back since the process began, so that none is lost or deadly.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})
