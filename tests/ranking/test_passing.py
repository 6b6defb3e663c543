"""The filters over one signal in memory mean what they mean in SQL, at the viewer's prices too."""

import sqlite3
from contextlib import closing
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from service.messages import Brief, Deployment, Signal
from service.ranking.filters import Filters, prepare
from service.ranking.passing import PASSES, lack
from tests.ranking.library import MemoryLibrary

AMOUNTS = st.none() | st.sampled_from([0.0, 1.0, 2.5, 9.0])
SIGNALS = st.builds(
    Signal,
    id=st.just("a"),
    name=st.just("A"),
    kind=st.sampled_from(["audience", "contextual"]),
    signal_type=st.sampled_from(["owned", "custom"]),
    data_provider=st.sampled_from(["", "Straße", "Acme"]),
    coverage_percentage=AMOUNTS,
    cpm=AMOUNTS,
    currency=st.sampled_from(["USD", "EUR"]),
    countries=st.sampled_from([(), ("US",), ("US", "FR"), ("DE",)]),
    deployments=st.sampled_from(
        [
            (),
            (Deployment("dv360"),),
            (Deployment("", True, "agent", "https://a.example"),),
            (Deployment("dv360"), Deployment("ttd")),
        ]
    ),
)
BRIEFS = st.builds(
    Brief,
    spec=st.just("a"),
    platforms=st.sampled_from([(), ("dv360",), ("ttd", "xandr")]),
    countries=st.sampled_from([(), ("US",), ("FR", "DE")]),
    data_providers=st.sampled_from([(), ("STRASSE",), ("acme", "other")]),
    kinds=st.sampled_from([(), ("audience",), ("contextual", "bidding")]),
    max_cpm=AMOUNTS,
    min_coverage_percentage=AMOUNTS,
    agents=st.sampled_from([(), ("https://a.example",), ("https://b.example", "https://a.example")]),
    signal_types=st.sampled_from([(), ("owned",), ("custom", "marketplace")]),
    priced=st.booleans(),
)
OWN = st.none() | st.tuples(st.sampled_from([0.0, 1.0, 2.5, 9.0]), st.sampled_from(["USD", "EUR"]))


def in_sql(connection, brief):
    """Return what the filters say of the only row, as ``lack`` does."""
    filters = Filters.of(brief)
    query = f"SELECT {filters.lacking} FROM signals WHERE {filters.condition}"
    found = connection.execute(query, (*filters.lacking_values, *filters.values)).fetchone()
    if found is None or found[0].bit_count() > 1:
        return None
    return filters.names[found[0].bit_length() - 1] if found[0] else PASSES


@given(signal=SIGNALS, brief=BRIEFS, own=OWN)
@settings(max_examples=150, deadline=None)
def test_a_signal_passes_or_lacks_the_same_in_memory_and_in_sql(signal, brief, own):
    with closing(sqlite3.connect(":memory:")) as connection:
        MemoryLibrary(connection, [signal], "v1")
        prepare(connection)
        assert in_sql(connection, brief) == lack(signal, brief)

        if own is not None:
            connection.execute("INSERT INTO sights VALUES('acme', 1, ?, ?, x'00')", own)
            priced = replace(signal, cpm=own[0], currency=own[1])
            assert in_sql(connection, replace(brief, viewer="acme@1")) == lack(priced, brief)
            assert in_sql(connection, replace(brief, viewer="globex@1")) == lack(signal, brief)
