"""One row of a catalogue sent as a JSON document: checked against the documented schema, handed on as JSON Lines.

Files are read with more patience (numbers as text, empty cells); a program that sends one row is told what it got
wrong. Since the schema is the one of the OpenAPI document, what fits it is taken.
"""

from __future__ import annotations

import io
import json
from typing import BinaryIO

from service.errors import ContentTooLarge, InvalidInput
from service.openapi.row import CATALOGUE_ROW
from service.openapi.schema_check import fault
from service.stages import fields, validate

ROW_BYTES = 1_000_000


def json_row(body: BinaryIO) -> BinaryIO:
    """Return the row in ``body`` as a file of JSON Lines. Raises ``InvalidInput`` or ``ContentTooLarge``."""
    raw = body.read(ROW_BYTES + 1)
    if len(raw) > ROW_BYTES:
        raise ContentTooLarge(f"A single row may have {ROW_BYTES} bytes; send a file as text/csv or application/jsonl.")
    row = validate.read_json(raw)
    found = fault(row, CATALOGUE_ROW, {})
    if found:
        where = fields.quoted(found.where or "The row", marks=False)
        raise InvalidInput(f"{where} {found.what}.", field=where if found.where else "body")
    return io.BytesIO(json.dumps(row).encode())
