"""The pauses of the cyclic collector are added up, from when they were last asked for."""

import gc
import threading
from collections.abc import Iterator

import pytest
from atonce._host import collector_watch
from atonce._host.collector_watch import take_pauses, watch_collector


@pytest.fixture(autouse=True)
def _nothing_collects_by_itself() -> Iterator[None]:
    callbacks = list(gc.callbacks)
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.callbacks[:] = callbacks


def test_every_collection_is_counted_and_timed_once() -> None:
    watch_collector()
    watch_collector()  # once is enough
    take_pauses()

    gc.collect()
    gc.collect(0)
    collections, paused_ns = take_pauses()

    assert collections == 2
    assert paused_ns > 0
    assert take_pauses() == (0, 0)


def test_collections_of_other_threads_count_too() -> None:
    watch_collector()
    take_pauses()

    thread = threading.Thread(target=gc.collect)
    thread.start()
    thread.join()

    assert take_pauses()[0] == 1


def test_nothing_is_told_of_what_was_not_watched() -> None:
    take_pauses()
    gc.collect()

    assert take_pauses() == (0, 0)
    assert collector_watch._on_collection not in gc.callbacks
