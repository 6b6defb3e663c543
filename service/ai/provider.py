"""What a provider of answers is, and how one fails: all that the rest of the service knows of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from service.monitoring.totals import FallbackReason

if TYPE_CHECKING:
    from service.ai.deadline import Deadline


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked: ``schema`` is the JSON schema of the answer wanted."""

    system: str
    text: str
    schema: Mapping[str, Any]


class AiFailure(Exception):
    """A call that brought nothing. ``detail`` is for the log: never a key, never a body.

    ``passing``: it may go well another time. ``declined``: the provider is well and does not answer this question.
    """

    def __init__(
        self,
        outcome: FallbackReason,
        detail: str,
        *,
        retry_after: float | None = None,
        passing: bool = False,
        declined: bool = False,
    ) -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.detail = detail
        self.retry_after = retry_after
        self.passing = passing
        self.declined = declined


class Provider(Protocol):
    """One AI service with one model. Thread-safe once loaded."""

    name: str
    model: str

    def load(self) -> None:
        """Import what is needed; slow, called once, in the background."""

    def complete(self, prompt: Prompt, deadline: Deadline) -> str:
        """Make one try and return the text of the answer. Raises ``AiFailure``."""
