"""``BoundedStore`` against a plain model: never over its bounds, the least recently used goes first."""

import threading

from hypothesis import given, settings
from hypothesis import strategies as st

from service.bounded import BoundedStore

KEYS = st.sampled_from("abcdef")
STEPS = st.one_of(
    st.tuples(st.just("get"), KEYS, st.just(0)),
    st.tuples(st.just("put"), KEYS, st.integers(0, 12)),
    st.tuples(st.just("clear"), st.just(""), st.just(0)),
)


class Model:
    """The same law in the plainest words: a list of (key, value, size), the most recently used last."""

    def __init__(self, entries, size):
        self.entries, self.size, self.rows = entries, size, []

    def get(self, key):
        found = next((row for row in self.rows if row[0] == key), None)
        if found:
            self.rows.remove(found)
            self.rows.append(found)
        return found[1] if found else None

    def put(self, key, value, size):
        self.rows = [row for row in self.rows if row[0] != key]
        if size <= self.size:
            self.rows.append((key, value, size))
        while len(self.rows) > self.entries or sum(row[2] for row in self.rows) > self.size:
            self.rows.pop(0)


@settings(max_examples=150, deadline=None)
@given(entries=st.integers(1, 4), size=st.integers(0, 20), steps=st.lists(STEPS, max_size=40))
def test_it_behaves_as_the_plain_model_and_never_exceeds_its_bounds(entries, size, steps):
    store, model = BoundedStore(entries, size), Model(entries, size)
    for number, (step, key, taken) in enumerate(steps):
        if step == "get":
            assert store.get(key) == model.get(key)
        elif step == "put":
            store.put(key, number, taken)
            model.put(key, number, taken)
        else:
            store.clear()
            model.rows.clear()
        assert len(store) == len(model.rows) <= entries
        assert store.bytes_used == sum(row[2] for row in model.rows) <= size


def test_a_value_larger_than_the_store_is_not_kept_and_its_stale_predecessor_neither():
    store = BoundedStore(10, 100)
    store.put("a", "old", 10)

    store.put("a", "huge", 101)

    assert store.get("a") is None
    assert store.bytes_used == 0


def test_many_threads_keep_the_bounds_and_the_sums_right():
    store = BoundedStore(50, 500)

    def work(seed):
        for step in range(2000):
            store.put((seed * step) % 97, step, step % 23)
            store.get(step % 97)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert len(store) <= store.capacity == 50
    assert store.bytes_used == sum(size for _, size in store._values.values()) <= 500
