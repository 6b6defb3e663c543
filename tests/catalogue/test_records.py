from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from service.catalogue.records import digest, from_record, moved, to_record
from service.catalogue.schema import EMPTY_VERSION
from service.messages import Deployment, Signal
from tests.catalogue.signals import GOLF, SUV, catalogues, signals


@settings(max_examples=100, deadline=None)
@given(signals)
def test_a_signal_survives_its_record(signal):
    assert from_record(to_record(signal)) == signal


@settings(max_examples=60, deadline=None)
@given(signals, signals)
def test_records_differ_in_their_digest_if_and_only_if_the_signals_differ(one, other):
    assert (digest(to_record(one)) == digest(to_record(other))) == (one == other)


@settings(max_examples=40, deadline=None)
@given(catalogues, st.randoms())
def test_a_version_does_not_depend_on_the_order_or_on_what_came_and_went(catalogue, dice):
    digests = [digest(to_record(signal)) for signal in catalogue]
    version = moved(EMPTY_VERSION, digests, ())
    dice.shuffle(digests)
    passing = digest(to_record(GOLF))

    assert moved(moved(moved(EMPTY_VERSION, [passing], ()), digests, ()), (), [passing]) == version


def test_a_digest_is_the_same_on_every_machine():
    assert digest(to_record(SUV)).hex() == "3587a971f7d8bebc1386870c1af12960"


def test_a_whole_number_is_the_same_as_its_float():
    assert digest(to_record(Signal("a", "A", cpm=3))) == digest(to_record(Signal("a", "A", cpm=3.0)))


def test_many_deployments_are_kept_as_few_are():
    many = Signal("a", "A", deployments=tuple(Deployment(f"platform-{number}") for number in range(30)))

    assert from_record(to_record(many)) == many
