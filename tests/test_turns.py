from __future__ import annotations

import threading

import pytest

from service.turns import Turns
from tests.running import wait_for


def one_who_wants(turns):
    """Return a thread that takes its turn once, and the event that it sets then."""
    done = threading.Event()

    def work():
        with turns:
            done.set()

    return threading.Thread(target=work), done


def test_one_at_a_time_in_the_order_in_which_they_came():
    turns, order = Turns(), []

    def work(number):
        with turns:
            order.append(number)

    threads = []
    with turns:
        for number in range(5):
            threads.append(threading.Thread(target=work, args=(number,)))
            threads[-1].start()
            wait_for(lambda: len(turns._waiting) == len(threads))
        assert order == []
    for thread in threads:
        thread.join(10)
    assert order == [0, 1, 2, 3, 4]


def test_a_failure_hands_the_turn_on():
    turns = Turns()
    with pytest.raises(ZeroDivisionError), turns:
        raise ZeroDivisionError
    with turns:
        pass


def test_a_turn_is_lent_while_somebody_else_computes_and_comes_back_as_deep_as_it_was():
    turns = Turns()
    thread, done = one_who_wants(turns)
    with turns, turns:
        thread.start()
        wait_for(lambda: turns._waiting)
        with turns.lent():
            assert done.wait(10)
            thread.join(10)
        assert (turns._holder, turns._depth) == (threading.get_ident(), 2)
    assert turns._holder is None


def test_a_turn_that_nobody_has_is_not_lent():
    turns = Turns()
    with turns.lent():
        assert turns._holder is None
    assert turns._holder is None


def test_whoever_has_the_turn_may_take_it_again_and_gives_it_back_once():
    turns = Turns()
    thread, done = one_who_wants(turns)
    with turns:
        with turns:
            thread.start()
            wait_for(lambda: turns._waiting)
        assert not done.is_set()
    thread.join(10)
    assert done.is_set()
