"""An index made out of an old one is the index that a build of all rows gives, whatever has changed."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.catalogue.store import Store
from service.messages import Brief
from service.ranking.semantic import layout, updating
from service.ranking.semantic.build import build
from service.ranking.semantic.index import Index
from service.ranking.semantic.splicing import keys, merged
from tests.ranking.library import a_signal
from tests.ranking.semantic.small import TOPICS, ranking_over

WORDS = [word for words in TOPICS.values() for word in words.split()] + ["zork", "zorks", "acme", "skiers"]

names = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
signals = st.builds(
    lambda name, about, path, age, provider, cpm: a_signal(
        f"{name} {age}".strip(), about, id="x", path=tuple(path), data_provider=provider, cpm=cpm
    ),
    names,
    names,
    st.lists(st.sampled_from(["Cars", "Wine", "Home and Garden"]), max_size=2),
    st.sampled_from(["", "30-39", "60+"]),
    st.sampled_from(["", "Acme", "Vineyard Data"]),
    st.sampled_from([None, 1.0, 2.5]),
)
catalogues = st.dictionaries(st.integers(0, 30), signals, min_size=1, max_size=25)


@contextmanager
def opened(path):
    with closing(sqlite3.connect(path)) as connection:
        yield connection


def stored(store, catalogue):
    store.import_rows([replace(one, id=f"id-{number}") for number, one in catalogue.items()], replace=True)


def made(database, folder, vectors, base=None):
    folder.mkdir()
    with opened(database) as connection:
        if base is None:
            build(connection, folder, vectors, {"year": "2026"})
        else:
            updating.update(connection, base, folder, vectors, {"year": "2026"})
    return folder


def differing(one, other):
    """Return the files that a search reads in which two indexes differ; what has its own numbers is compared below."""
    inner = {"manifest.json", "facets.json", "forms.txt", "form_counts.npy", "said.npy", "said_starts.npy"}
    files = {path.name for folder in (one, other) for path in folder.iterdir()} - inner
    return [
        name
        for name in sorted(files)
        if not name.startswith("facet_") and (one / name).read_bytes() != (other / name).read_bytes()
    ]


def said(folder):
    """Return the words of each row, and how often each is met."""
    forms = (folder / "forms.txt").read_text().split("\n")
    words, starts = layout.load(folder, "said"), layout.load(folder, "said_starts")
    rows = [[forms[number] for number in words[a:b]] for a, b in pairwise(starts)]
    counted = zip(forms, layout.load(folder, "form_counts").tolist(), strict=True)
    return rows, {form: number for form, number in counted if number}


def facets(folder):
    values = json.loads((folder / "facets.json").read_text())
    return {name: [values[name][code] for code in layout.load(folder, f"facet_{name}")] for name in values}


@settings(max_examples=25, deadline=None)
@given(before=catalogues, changes=st.lists(st.dictionaries(st.integers(0, 40), st.none() | signals), max_size=3))
def test_after_any_changes_it_is_the_index_of_all_rows(tmp_path_factory, vectors, before, changes):
    folder = tmp_path_factory.mktemp("updating")
    store = Store(folder / "signals.db")
    stored(store, before)
    base = made(store.path, folder / "base", vectors)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(updating, "MOST", 1e9)
        patch.setattr(os, "fsync", lambda handle: None)
        patch.setattr(updating, "mean_length", lambda *lengths: layout.facts(base)["length"])
        for number, change in enumerate(changes):
            before = {place: one for place, one in (before | change).items() if one is not None} or before
            stored(store, before)
            base = made(store.path, folder / f"update{number}", vectors, base)
    whole = folder / "whole"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("service.ranking.semantic.build.mean_length", lambda *lengths: layout.facts(base)["length"])
        made(store.path, whole, vectors)
    assert differing(base, whole) == []
    assert said(base) == said(whole)
    assert facets(base) == facets(whole)
    assert _answers(base, vectors, store) == _answers(whole, vectors, store)


class Stored:
    """A library of what a store holds."""

    version = "v"

    def __init__(self, connection):
        self.connection = lambda: connection


def _answers(folder, vectors, store):
    """Return what both ways of searching answer over an index."""
    found = []
    with opened(store.path) as connection:
        library = Stored(connection)
        for exact in (10_000, 0):
            semantic = ranking_over(Index(folder, vectors, exact=exact))
            found += [semantic.rank(library, Brief(spec, **more), "v") for spec in SPECS for more in ({}, CHEAP)]
    return [(list(one.rows), list(one.relevance), one.total, one.left_out, one.near) for one in found]


SPECS = ("vehicle acquirers", "wine for couples", "people of 30 to 39", "zork", "not parents", "golfing skiers of acme")
CHEAP = {"max_cpm": 2.0}


def test_few_changes_are_read_and_many_are_not(tmp_path, vectors):
    store = Store(tmp_path / "signals.db")
    rows = {number: a_signal(f"{WORDS[number % 30]} {WORDS[number % 7]}", id="x") for number in range(100)}
    stored(store, rows)
    base = made(store.path, tmp_path / "base", vectors)
    few = rows | {number: a_signal("golf cars", id="x") for number in range(6)}
    stored(store, few)
    first = made(store.path, tmp_path / "first", vectors, base)
    assert layout.facts(first)["changed"] == 6
    # Changes add up: sooner or later all rows are read again.
    stored(store, few | {number: a_signal("golf wine", id="x") for number in range(50, 56)})
    with pytest.raises(updating.Unlike, match="12 rows have changed"):
        made(store.path, tmp_path / "second", vectors, first)


def test_rows_that_have_become_longer_than_usual_are_measured_anew(tmp_path, vectors):
    store = Store(tmp_path / "signals.db")
    rows = {number: a_signal("golf", id="x") for number in range(100)}
    stored(store, rows)
    base = made(store.path, tmp_path / "base", vectors)
    stored(store, rows | {number: a_signal("golf " * 40, id="x") for number in range(5)})
    with pytest.raises(updating.Unlike, match="longer or shorter"):
        made(store.path, tmp_path / "other", vectors, base)


@pytest.mark.parametrize("damage", ["a byte", "another year"])
def test_a_damaged_or_foreign_index_is_no_base(tmp_path, vectors, damage):
    store = Store(tmp_path / "signals.db")
    stored(store, {1: a_signal("golf", id="x")})
    base = made(store.path, tmp_path / "base", vectors)
    if damage == "a byte":
        raw = bytearray((base / "said.npy").read_bytes())
        raw[-1] ^= 1
        (base / "said.npy").write_bytes(raw)
    (tmp_path / "new").mkdir()
    with opened(store.path) as connection, pytest.raises(layout.Damaged):
        year = "2026" if damage == "a byte" else "2027"
        updating.update(connection, base, tmp_path / "new", vectors, {"year": year})


def test_blocks_of_postings_join_without_a_seam():
    dice = np.random.default_rng(5)
    lists = [np.sort(dice.choice(50, size, replace=False)).astype(np.int32) for size in (7, 1, 20, 13)]
    offsets = np.cumsum([0, *map(len, lists)])
    docs, impacts = np.concatenate(lists), np.arange(1, offsets[-1] + 1, dtype=np.uint8)
    numbers = np.where(np.arange(50) % 3 == 0, -1, np.arange(50) * 2).astype(np.int32)
    fresh = np.sort(keys(np.array([0, 0, 2, 5, 5]), np.array([1, 99, 41, 3, 7])))
    terms = np.array([0, 1, 3, 4])
    whole, *rest = merged(numbers, terms, offsets, docs, impacts, fresh, np.full(5, 200, np.uint8))
    assert rest == []
    for block in (1, 3, 8):
        parts = list(merged(numbers, terms, offsets, docs, impacts, fresh, np.full(5, 200, np.uint8), block))
        for column in (0, 1):
            assert np.concatenate([part[column] for part in parts]).tolist() == whole[column].tolist()
