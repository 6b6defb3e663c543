"""OpenAPI 3.1 of every route, made from the route table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from service.routes import Route


def openapi_document(routes: Sequence[Route], version: str) -> dict[str, Any]:
    """Return the document as JSON values."""
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.endpoint, {})[route.method.lower()] = {
            "summary": route.summary,
            "operationId": route.name,
        }
    return {"openapi": "3.1.0", "info": {"title": "Signals agent", "version": version}, "paths": paths}
