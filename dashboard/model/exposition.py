"""The Prometheus text format, read strictly and within bounds: text -> ``Metrics``. Pure.

A line that is not in the format, a series that comes twice, or more than the bounds allow is a ValueError that names
the line: half an answer must never look like a whole one. A scrape a second brings the same few hundred series again
and again, so a reader remembers what each series' text meant, for as many series as one scrape may have.
"""

from __future__ import annotations

import re

from dashboard.model.snapshot import LARGEST, Labels, Metrics

SAMPLES_AT_MOST = 10_000
LINES_PER_SAMPLE = 4
LINE_AT_MOST = 16_384
REMEMBERED_CHARACTERS = 2_000_000
LABELS_AT_MOST = 64

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\[\\"n])*)"\s*(,|(?=\}))')
_VALUE = re.compile(r"[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|[iI]nf(?:inity)?|[nN]a[nN])")
_TIMESTAMP = re.compile(r"-?\d{1,19}")
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", '"': '"', "\\": "\\"}

Series = tuple[str, Labels]


class Exposition:
    """A reader of scrapes of one target. Not thread-safe: one scrape at a time."""

    def __init__(self, samples_at_most: int = SAMPLES_AT_MOST) -> None:
        self._samples_at_most = samples_at_most
        self._known: dict[str, Series] = {}
        self._characters = 0

    def read(self, text: str) -> Metrics:
        """Return the samples of a scrape; ValueError in one sentence that names the line."""
        if text and not text.endswith("\n"):
            raise ValueError("the metrics end in the middle of a line")
        samples: dict[str, dict[Labels, float]] = {}
        left, start, at = self._samples_at_most, 0, 0
        while start < len(text):
            at += 1
            end = text.index("\n", start)
            if end - start > LINE_AT_MOST:
                raise ValueError(f"metrics line {at} is longer than {LINE_AT_MOST} characters")
            line, start = text[start:end], end + 1
            if not line or line[0] == "#" or line.isspace():
                if at > self._samples_at_most * LINES_PER_SAMPLE:
                    raise ValueError("the metrics have too many lines")
                continue
            if left == 0:
                raise ValueError(f"the metrics have more than {self._samples_at_most} samples")
            left -= 1
            self._sample(line, at, samples)
        return Metrics(samples)

    def _sample(self, line: str, at: int, samples: dict[str, dict[Labels, float]]) -> None:
        head, _, value = line.rpartition(" ")
        known = self._known.get(head)
        if known is None or not _VALUE.fullmatch(value):
            head, known, value = _parsed(line, at)
            self._remember(head, known)
        name, labels = known
        family = samples.setdefault(name, {})
        if labels in family:
            raise ValueError(f"metrics line {at} repeats a series of {name[:60]}")
        found = float(value)
        # No number, or none that is meant: as good as not told.
        if abs(found) < LARGEST:
            family[labels] = found

    def _remember(self, head: str, series: Series) -> None:
        if len(self._known) >= self._samples_at_most or self._characters >= REMEMBERED_CHARACTERS:
            self._known.clear()
            self._characters = 0
        self._characters += len(head)
        self._known[head] = series


def _parsed(line: str, at: int) -> tuple[str, Series, str]:
    """Return the text of the series, the series itself and the text of the value."""
    text = line.strip(" \t\r")
    name = _NAME.match(text)
    if name is None:
        raise ValueError(f"metrics line {at} does not begin with a metric's name")
    end, labels = _labels(text, name.end(), at) if text[name.end() :].lstrip()[:1] == "{" else (name.end(), ())
    rest = text[end:].split()
    good = 1 <= len(rest) <= 2 and _VALUE.fullmatch(rest[0]) and all(map(_TIMESTAMP.fullmatch, rest[1:]))
    if not good:
        raise ValueError(f"metrics line {at} has no number as its value")
    return text[:end], (name.group(), labels), rest[0]


def _labels(text: str, start: int, at: int) -> tuple[int, Labels]:
    """Return where the labels that open after ``start`` end, and the labels sorted by name."""
    position, found, open_ = text.index("{", start) + 1, dict[str, str](), True
    while open_ and (match := _LABEL.match(text, position)):
        if match.group(1) in found or len(found) == LABELS_AT_MOST:
            raise ValueError(f"metrics line {at} repeats a label, or has more than {LABELS_AT_MOST}")
        found[match.group(1)] = _ESCAPE.sub(lambda escape: _ESCAPED[escape.group(1)], match.group(2))
        position, open_ = match.end(), match.group(3) == ","
    closing = re.compile(r"\s*\}").match(text, position)
    if closing is None:
        raise ValueError(f"metrics line {at} has labels that are not in the format")
    return closing.end(), tuple(sorted(found.items()))
