"""Gemini as a provider, through the REST client of ``google-generativeai``. The only module that knows the package.

It is large and slow to import, and its support has ended, so nothing of it is imported before ``load``. Its client
class is used without the package's global ``configure``. Redirects are not followed: they would take the key along.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from service.ai.deadline import Deadline
from service.ai.provider import AiFailure, Prompt
from service.ai.replies import failure_of

if TYPE_CHECKING:
    from google.ai import generativelanguage as glm

    from service.ai.watched_session import WatchedSession

_NO_KEY = "none"


class Gemini:
    """One Gemini model. ``key()`` is asked at each call; ``endpoint`` is another address than Google's."""

    name = "gemini"

    def __init__(self, model: str, key: Callable[[], str | None], endpoint: str | None = None) -> None:
        self.model = model
        self._key = key
        self._endpoint = endpoint
        self._made: tuple[str, glm.GenerativeServiceClient, WatchedSession] | None = None

    def load(self) -> None:
        """Import the package and make the client: about half a second and 50 MB."""
        # It warns of its own end and of old Pythons, which is for README, not for every log.
        warnings.filterwarnings("ignore", category=FutureWarning, module=r"google\.")
        import google.ai.generativelanguage  # noqa: F401

        self._client()

    def close(self) -> None:
        """Let go of the connections."""
        if self._made is not None:
            self._made[2].close()

    def complete(self, prompt: Prompt, deadline: Deadline) -> str:
        """Make one try and return the text of the answer. Raises ``AiFailure``."""
        import requests
        from google.api_core import exceptions
        from google.protobuf.json_format import ParseError

        client, session = self._client()
        try:
            with session.within(deadline):
                answer = client.generate_content(
                    _request(self.model, prompt), timeout=max(deadline.remaining(), 0.001), retry=None
                )
        except exceptions.GoogleAPICallError as error:
            headers = getattr(error.response, "headers", {})
            raise failure_of(int(error.code or 500), {k.lower(): v for k, v in headers.items()}) from None
        except (ParseError, UnicodeDecodeError):
            raise AiFailure("bad_answer", "not an answer of Gemini") from None
        except requests.exceptions.TooManyRedirects:
            raise failure_of(302, {}) from None
        except (requests.exceptions.RequestException, OSError) as error:
            if deadline.passed or isinstance(error, requests.exceptions.Timeout):
                raise AiFailure("timeout", "no whole answer in time") from None
            raise AiFailure("error", type(error).__name__, passing=True) from None
        return _text_of(answer)

    def _client(self) -> tuple[glm.GenerativeServiceClient, WatchedSession]:
        """Return the client for the key in force: a new one after the key was changed."""
        key = self._key() or _NO_KEY
        made = self._made
        if made is None or made[0] != key:
            client, session = _connected(key, self._endpoint)
            made = self._made = (key, client, session)
        return made[1], made[2]


def _connected(key: str, endpoint: str | None) -> tuple[glm.GenerativeServiceClient, WatchedSession]:
    from google.ai import generativelanguage as glm

    from service.ai.watched_session import WatchedSession

    options = {"api_key": key} | ({"api_endpoint": endpoint} if endpoint else {})
    client = glm.GenerativeServiceClient(transport="rest", client_options=options)
    return client, WatchedSession(client.transport)


def _request(model: str, prompt: Prompt) -> dict[str, Any]:
    return {
        "model": model if "/" in model else f"models/{model}",
        "system_instruction": {"parts": [{"text": prompt.system}]},
        "contents": [{"role": "user", "parts": [{"text": prompt.text}]}],
        "generation_config": {
            "temperature": 0.0,
            "response_mime_type": "application/json",
            "response_schema": _schema(prompt.schema),
        },
    }


def _schema(schema: Any) -> dict[str, Any]:
    """Return a JSON schema in Gemini's words: types in capitals, under other names."""
    told: dict[str, Any] = {"type_": schema["type"].upper()}
    if "properties" in schema:
        told["properties"] = {name: _schema(part) for name, part in schema["properties"].items()}
        told["required"] = list(schema.get("required", ()))
    if "items" in schema:
        told["items"] = _schema(schema["items"])
    return told


def _text_of(answer: glm.GenerateContentResponse) -> str:
    """Return the text of the first candidate. Raises ``AiFailure`` when there is none."""
    if answer.prompt_feedback.block_reason:
        raise AiFailure("bad_answer", "blocked for safety", declined=True)
    parts = answer.candidates[0].content.parts if answer.candidates else []
    text = "".join(part.text for part in parts)
    if not text.strip():
        raise AiFailure("bad_answer", "an empty answer")
    return text
