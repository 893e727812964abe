"""What comes after what, for each means of synchronisation: all that it promises and no more."""

import asyncio
import concurrent.futures.thread
import gc
import logging
import multiprocessing
import pickle
import queue
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from atonce._host.check import sync_hooks
from clock_model import ClockModel

PATIENCE = 20  # seconds that nothing takes, unless it hangs


@pytest.fixture
def model() -> Iterator[ClockModel]:
    with ClockModel() as made:
        sync_hooks.install(made)
        try:
            yield made
        finally:
            sync_hooks.remove()


class Script:
    """Steps of several threads, in an order that the test gives and no clock sees."""

    def __init__(self) -> None:
        self._workers: dict[str, tuple[threading.Thread, Any, Any]] = {}

    def run(self, thread: str, step: Callable[[], Any]) -> Any:
        """Runs the step in that thread, and waits until it is done."""
        self.begin(thread, step)
        return self.end(thread)

    def begin(self, thread: str, step: Callable[[], Any]) -> None:
        if thread not in self._workers:
            asked, answered = _real_queue(), _real_queue()
            worker = threading.Thread(target=_work, args=(asked, answered), daemon=True)
            worker.start()
            self._workers[thread] = (worker, asked, answered)
        self._workers[thread][1].put(step)

    def end(self, thread: str) -> Any:
        error, result = self._workers[thread][2].get(timeout=PATIENCE)
        if error is not None:
            raise error
        return result


_real_queue = queue.SimpleQueue  # in C: the model does not see it


def _work(asked: Any, answered: Any) -> None:
    while True:
        step = asked.get()
        try:
            answered.put((None, step()))
        except BaseException as error:
            answered.put((error, None))


def until(is_so: Callable[[], bool]) -> None:
    """Another thread gets there; that it waits cannot be seen in another way."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.001)


# --- Events ---


def test_wait_follows_set_and_set_follows_no_wait(model: ClockModel) -> None:
    event, script = threading.Event(), Script()

    script.run("setter", lambda: (model.mark("before set"), event.set(), model.mark("after set")))
    script.run("waiter", lambda: (event.wait(), model.mark("waited")))
    script.run("setter", lambda: (event.set(), model.mark("set again")))

    assert model.follows("waited", "before set")
    assert not model.follows("waited", "after set")
    assert not model.follows("set again", "waited")


def test_setters_of_an_event_are_not_ordered(model: ClockModel) -> None:
    event, script = threading.Event(), Script()

    script.run("one", lambda: (model.mark("one"), event.set()))
    script.run("two", lambda: (event.set(), model.mark("two")))

    assert not model.follows("two", "one")


def test_is_set_follows_set_only_when_it_says_so(model: ClockModel) -> None:
    event, script = threading.Event(), Script()

    script.run("asker", lambda: (event.is_set(), model.mark("asked")))
    script.run("setter", lambda: (model.mark("before set"), event.set()))
    script.run("asker", lambda: (event.is_set(), model.mark("asked again")))

    assert not model.follows("asked", "before set")
    assert model.follows("asked again", "before set")


def test_a_wait_that_took_too_long_follows_nobody(model: ClockModel) -> None:
    event, script = threading.Event(), Script()

    script.run("setter", lambda: (event.set(), event.clear(), model.mark("cleared")))
    waited = script.run("waiter", lambda: (event.wait(0.001), model.mark("waited")))

    assert waited[0] is False
    assert not model.follows("waited", "cleared")


def test_a_waiter_follows_the_set_that_woke_it_though_others_cleared_it_since(
    model: ClockModel,
) -> None:
    event, script = threading.Event(), Script()

    script.begin("waiter", lambda: (event.wait(), model.mark("waited")))
    until(lambda: len(event._cond._waiters) == 1)
    script.run("setter", lambda: (model.mark("before set"), event.set(), event.clear()))
    script.end("waiter")

    assert model.follows("waited", "before set")


def test_what_was_cleared_orders_nothing(model: ClockModel) -> None:
    event, script = threading.Event(), Script()

    script.run("first", lambda: (model.mark("first"), event.set()))
    script.run("second", lambda: (event.clear(), model.mark("second"), event.set()))
    script.run("waiter", lambda: (event.wait(), model.mark("waited")))

    assert model.follows("waited", "second")
    assert not model.follows("waited", "first")


# --- Semaphores ---


def test_initial_permits_order_nothing_and_returned_ones_go_round_in_turn(
    model: ClockModel,
) -> None:
    semaphore, script = threading.Semaphore(2), Script()

    script.run("a", lambda: (semaphore.acquire(), model.mark("a has it"), semaphore.release()))
    script.run("b", lambda: (semaphore.acquire(), model.mark("b has it")))
    script.run("c", lambda: (semaphore.acquire(), model.mark("c has it")))

    assert not model.follows("b has it", "a has it")
    assert model.follows("c has it", "a has it")


def test_a_semaphore_of_one_is_a_lock(model: ClockModel) -> None:
    semaphore, script = threading.BoundedSemaphore(1), Script()

    def use(name: str) -> None:
        with semaphore:
            model.mark(name)

    for name in ("a", "b", "a again", "c"):
        script.run(name[0], lambda name=name: use(name))

    assert model.follows("b", "a")
    assert model.follows("a again", "b")
    assert model.follows("c", "b")


def test_releasing_several_permits_reaches_all_who_take_them(model: ClockModel) -> None:
    semaphore, script = threading.Semaphore(0), Script()

    script.run("giver", lambda: (model.mark("given"), semaphore.release(2)))
    for name in ("a", "b"):
        script.run(name, lambda name=name: (semaphore.acquire(), model.mark(name)))

    assert model.follows("a", "given")
    assert model.follows("b", "given")


def test_a_release_that_a_bounded_semaphore_refuses_orders_nothing(model: ClockModel) -> None:
    semaphore, script = threading.BoundedSemaphore(1), Script()

    with pytest.raises(ValueError, match="too many"):
        script.run("wrong", lambda: (model.mark("wrong"), semaphore.release()))
    script.run("a", lambda: (semaphore.acquire(), semaphore.release()))
    script.run("b", lambda: (semaphore.acquire(), model.mark("b")))

    assert not model.follows("b", "wrong")


def test_a_semaphore_that_is_not_had_orders_nothing(model: ClockModel) -> None:
    semaphore, script = threading.Semaphore(1), Script()

    script.run("a", lambda: (semaphore.acquire(), model.mark("a"), semaphore.release()))
    script.run("b", semaphore.acquire)
    script.run("c", lambda: (semaphore.acquire(blocking=False), model.mark("c")))

    assert not model.follows("c", "a")


# --- Barriers ---


def test_a_barrier_orders_all_that_arrive_before_the_action_and_that_before_all_that_leave(
    model: ClockModel,
) -> None:
    barrier = threading.Barrier(3, action=lambda: model.mark("action"))

    def meet(name: str) -> None:
        model.mark(f"{name} arrives")
        barrier.wait(PATIENCE)
        model.mark(f"{name} leaves")

    threads = [threading.Thread(target=meet, args=(name,)) for name in "abc"]
    for one in threads:
        one.start()
    for one in threads:
        one.join(PATIENCE)

    for one in "abc":
        assert model.follows("action", f"{one} arrives")
        assert model.follows(f"{one} leaves", "action")
    for one, other in ("ab", "ba", "bc", "ca"):
        assert model.follows(f"{one} leaves", f"{other} arrives")
        assert not model.follows(f"{one} leaves", f"{other} leaves")


def test_a_barrier_orders_the_next_round_by_those_who_meet_in_it(model: ClockModel) -> None:
    barrier, script = threading.Barrier(2), Script()

    for name in ("a", "b"):
        script.begin(name, lambda: barrier.wait(PATIENCE))
    for name in ("a", "b"):
        script.end(name)
    script.run("a", lambda: model.mark("a of round one"))
    for name in ("b", "c"):
        script.begin(name, lambda name=name: (barrier.wait(PATIENCE), model.mark(f"{name} of two")))
    for name in ("b", "c"):
        script.end(name)

    assert not model.follows("c of two", "a of round one")


def test_who_finds_a_barrier_broken_follows_who_broke_it(model: ClockModel) -> None:
    barrier, script = threading.Barrier(2), Script()

    script.run("breaker", lambda: (model.mark("breaks"), barrier.abort()))
    with pytest.raises(threading.BrokenBarrierError):
        script.run("other", barrier.wait)
    script.run("other", lambda: model.mark("found"))

    assert model.follows("found", "breaks")


# --- Conditions and locks ---


def test_who_was_notified_follows_by_the_lock_of_the_condition(model: ClockModel) -> None:
    condition, script = threading.Condition(), Script()
    is_ready = []

    def wait() -> None:
        with condition:
            condition.wait_for(lambda: is_ready, PATIENCE)
            model.mark("woken")

    def notify() -> None:
        with condition:
            model.mark("notifies")
            is_ready.append(True)
            condition.notify()

    script.begin("waiter", wait)
    until(lambda: len(condition._waiters) == 1)
    script.run("notifier", notify)
    script.end("waiter")

    assert model.follows("woken", "notifies")


def test_the_lock_of_a_condition_orders_as_it_does_without_one(model: ClockModel) -> None:
    lock, script = threading.Lock(), Script()
    condition = threading.Condition(lock)

    def use(name: str, guard: Any) -> None:
        with guard:
            model.mark(name)

    script.run("a", lambda: use("a", lock))
    script.run("b", lambda: use("b", condition))
    script.run("c", lambda: use("c", lock))

    assert model.follows("b", "a")
    assert model.follows("c", "b")


def test_the_reentrant_lock_in_python_orders(model: ClockModel) -> None:
    lock, script = threading._RLock(), Script()

    def use(name: str) -> None:
        with lock:
            model.mark(name)

    script.run("a", lambda: use("a"))
    script.run("b", lambda: use("b"))

    assert model.follows("b", "a")


def test_a_timer_follows_its_start_and_not_its_neighbour(model: ClockModel) -> None:
    first = threading.Timer(0, lambda: model.mark("first"))
    model.mark("before")
    first.start()
    first.join(PATIENCE)
    script = Script()
    second = threading.Timer(0, lambda: model.mark("second"))
    script.run("other", lambda: (second.start(), second.finished.wait()))

    assert model.follows("first", "before")


# --- Queues ---

KINDS = [queue.Queue, queue.LifoQueue, queue.PriorityQueue]


@pytest.mark.parametrize("kind", KINDS)
def test_an_item_carries_what_its_putter_knew_and_nothing_of_others(
    model: ClockModel, kind: type
) -> None:
    line, script = kind(), Script()

    script.run("a", lambda: (model.mark("a puts"), line.put(1000), model.mark("a has put")))
    script.run("b", lambda: (line.put(2000 + len("b")), model.mark("b has put")))
    got = script.run("c", lambda: (line.get(), model.mark("c got"))[0])
    script.run("d", lambda: (line.get(), model.mark("d got")))

    of_a, of_b = ("c got", "d got") if got == 1000 else ("d got", "c got")
    assert model.follows(of_a, "a puts")
    assert not model.follows(of_a, "a has put")
    assert not model.follows(of_b, "a puts")
    assert not model.follows("b has put", "a puts")


def test_a_putter_of_a_full_queue_follows_who_made_room(model: ClockModel) -> None:
    line, script = queue.Queue(1), Script()

    script.run("a", lambda: (line.put("x"), model.mark("a")))
    script.run("b", lambda: (model.mark("b gets"), line.get()))
    script.run("c", lambda: (line.put("y"), model.mark("c has put")))

    assert model.follows("c has put", "b gets")
    assert not model.follows("c has put", "a")


def test_join_follows_every_task_done(model: ClockModel) -> None:
    line, script = queue.Queue(), Script()
    for number in range(3):
        line.put(number)

    for name in ("a", "b"):
        script.run(name, lambda name=name: (line.get(), model.mark(name), line.task_done()))
    script.run("a", lambda: (line.get(), line.task_done(), model.mark("after")))
    script.run("b", lambda: model.mark("b later"))
    script.run("joiner", lambda: (line.join(), model.mark("joined")))

    assert model.follows("joined", "a")
    assert model.follows("joined", "b")
    assert not model.follows("joined", "after")
    assert not model.follows("after", "b")


def test_looking_at_a_queue_orders_nothing(model: ClockModel) -> None:
    line, script = queue.Queue(5), Script()

    script.run("a", lambda: (model.mark("a"), line.put(1)))
    script.run("b", lambda: (line.qsize(), line.empty(), line.full(), model.mark("b")))

    assert not model.follows("b", "a")


def test_the_mutex_of_a_queue_orders_those_who_write_it(model: ClockModel) -> None:
    line, script = queue.Queue(), Script()

    def use(name: str) -> None:
        with line.mutex:
            model.mark(name)

    script.run("a", lambda: use("a"))
    script.run("b", lambda: use("b"))

    assert model.follows("b", "a")


def test_an_item_that_was_put_by_hand_carries_order_too(model: ClockModel) -> None:
    line, script = queue.Queue(), Script()

    def put_first() -> None:
        model.mark("by hand")
        with line.mutex:
            line.queue.appendleft("first")
            line.unfinished_tasks += 1
            line.not_empty.notify()

    script.run("a", lambda: (model.mark("a"), line.put("second")))
    script.run("b", put_first)
    script.run("c", lambda: (line.get(), model.mark("c got")))
    script.run("d", lambda: (line.get(), model.mark("d got")))

    assert model.follows("c got", "by hand")
    assert model.follows("d got", "a")


@pytest.mark.parametrize("kind", KINDS)
def test_items_put_after_a_queue_was_emptied_by_hand_carry_their_own(
    model: ClockModel, kind: type
) -> None:
    line, script = kind(), Script()

    script.run("a", lambda: (line.put("x"), line.put("y")))
    script.run("a", lambda: line.queue.clear())
    script.run("b", lambda: (model.mark("b puts"), line.put("x")))
    script.run("c", lambda: (line.get(), model.mark("c got")))

    assert model.follows("c got", "b puts")


def test_a_queue_with_an_organisation_of_its_own_is_ordered_by_its_mutex(
    model: ClockModel,
) -> None:
    class Distinct(queue.Queue[str]):
        def _init(self, maxsize: int) -> None:
            self.queue: Any = {}

        def _put(self, item: str) -> None:
            model.mark(f"_put {item}")
            self.queue[item] = item

        def _get(self) -> str:
            return str(self.queue.popitem()[0])

    line, script = Distinct(), Script()

    script.run("a", lambda: (model.mark("a"), line.put("x")))
    script.run("b", lambda: line.put("y"))
    script.run("c", lambda: (line.get(), model.mark("c got")))

    assert model.follows("_put y", "_put x")
    assert model.follows("c got", "a")


def test_comparing_the_items_of_a_queue_is_ordered_by_its_mutex(model: ClockModel) -> None:
    class Job:
        def __init__(self, rank: int) -> None:
            self.rank = rank
            model.mark(f"made {rank}")

        def __lt__(self, other: "Job") -> bool:
            model.mark(f"compared {self.rank} {other.rank}")
            return self.rank < other.rank

    line, script = queue.PriorityQueue[Any](), Script()

    script.run("a", lambda: line.put((1, Job(1))))
    script.run("b", lambda: line.put((1, Job(2))))

    compared = [name for name in model._marks if name.startswith("compared")]
    assert compared
    assert all(model.follows(name, "made 1") for name in compared)


def test_an_overridden_put_may_change_the_item(model: ClockModel) -> None:
    class Numbered(queue.PriorityQueue[Any]):
        def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
            super().put((-item, item), block, timeout)

    line, script = Numbered(), Script()

    script.run("a", lambda: (model.mark("a"), line.put(5)))
    script.run("b", lambda: (line.get(), model.mark("b got")))

    assert model.follows("b got", "a")


def test_a_queue_answers_as_ever(model: ClockModel) -> None:
    line = queue.Queue(1)
    line.put("x", timeout=1)

    with pytest.raises(queue.Full):
        line.put("y", block=False)
    with pytest.raises(queue.Full):
        line.put_nowait("y")
    assert line.get() == "x"
    with pytest.raises(queue.Empty):
        line.get(timeout=0.001)
    with pytest.raises(ValueError, match="non-negative"):
        line.get(timeout=-1)
    line.task_done()
    with pytest.raises(ValueError, match="too many"):
        line.task_done()


@pytest.mark.skipif(not hasattr(queue.Queue, "shutdown"), reason="since Python 3.13")
def test_who_finds_a_queue_shut_follows_who_shut_it(model: ClockModel) -> None:
    line, script = queue.Queue(), Script()

    script.run("a", lambda: (model.mark("shuts"), line.shutdown()))
    with pytest.raises(queue.ShutDown):
        script.run("b", line.get)
    script.run("b", lambda: model.mark("found"))

    assert model.follows("found", "shuts")


# --- Futures ---


@pytest.mark.parametrize("look", ["result", "done", "exception"])
def test_who_sees_the_end_of_a_future_follows_who_made_it(model: ClockModel, look: str) -> None:
    future, script = concurrent.futures.Future[int](), Script()

    script.run("asker", lambda: (future.done(), future.running(), model.mark("too early")))
    script.run("maker", lambda: (model.mark("made"), future.set_result(1), model.mark("after")))
    script.run("asker", lambda: (getattr(future, look)(), model.mark("seen")))

    assert model.follows("seen", "made")
    assert not model.follows("seen", "after")


def test_makers_and_askers_of_futures_are_not_ordered_by_their_locks(model: ClockModel) -> None:
    future, script = concurrent.futures.Future[int](), Script()

    script.run("a", lambda: (model.mark("a"), future.running(), future.done()))
    script.run("b", lambda: (future.set_result(1), model.mark("b")))

    assert not model.follows("b", "a")


def test_a_second_result_is_refused_and_orders_nothing(model: ClockModel) -> None:
    future, script = concurrent.futures.Future[int](), Script()
    script.run("a", lambda: (model.mark("a"), future.set_result(1)))

    with pytest.raises(concurrent.futures.InvalidStateError):
        script.run("b", lambda: (model.mark("b"), future.set_result(2)))
    script.run("c", lambda: (future.result(), model.mark("c")))

    assert model.follows("c", "a")
    assert not model.follows("c", "b")


def test_a_callback_follows_its_registration_and_the_end(model: ClockModel) -> None:
    future, script = concurrent.futures.Future[int](), Script()

    script.run(
        "a", lambda: (model.mark("a"), future.add_done_callback(lambda _: model.mark("early")))
    )
    script.run("b", lambda: (model.mark("b"), future.set_result(1)))
    script.run("c", lambda: future.add_done_callback(lambda _: model.mark("late")))

    assert model.follows("early", "a")
    assert model.follows("early", "b")
    assert model.follows("late", "b")
    assert not model.follows("late", "a")


def test_waiting_for_several_futures_follows_those_that_are_done(model: ClockModel) -> None:
    one, two = concurrent.futures.Future[int](), concurrent.futures.Future[int]()
    script = Script()

    script.run("a", lambda: (model.mark("a"), one.set_result(1)))
    script.run(
        "waiter",
        lambda: (concurrent.futures.wait([one, two], timeout=0.001), model.mark("one is done")),
    )
    script.run("b", lambda: (model.mark("b"), two.set_result(2)))
    script.run(
        "other",
        lambda: (list(concurrent.futures.as_completed([one, two])), model.mark("both are done")),
    )

    assert model.follows("one is done", "a")
    assert not model.follows("one is done", "b")
    assert model.follows("both are done", "a")
    assert model.follows("both are done", "b")


def test_as_completed_keeps_no_future_that_it_has_given(model: ClockModel) -> None:
    future = concurrent.futures.Future[int]()
    future.set_result(1)
    kept = weakref.ref(future)
    given = concurrent.futures.as_completed([future])

    del future
    next(given)

    gc.collect()
    assert kept() is None


def test_cancelling_comes_before_who_finds_it(model: ClockModel) -> None:
    future, script = concurrent.futures.Future[int](), Script()

    script.run("a", lambda: (model.mark("a"), future.cancel()))
    with pytest.raises(concurrent.futures.CancelledError):
        script.run("b", future.result)
    script.run("b", lambda: model.mark("b"))

    assert model.follows("b", "a")


def test_tasks_follow_their_submit_and_not_one_another(model: ClockModel) -> None:
    script = Script()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        started = _real_queue()

        def task(name: str) -> None:
            model.mark(name)
            started.put(name)
            until(lambda: started.qsize() == 2)  # so that each has a thread of its own
            model.mark(f"{name} ends")

        script.run("a", lambda: (model.mark("a submits"), pool.submit(task, "of a")))
        script.run("b", lambda: (model.mark("b submits"), pool.submit(task, "of b")))
    model.mark("all ended")

    assert model.follows("of a", "a submits")
    assert model.follows("of b", "b submits")
    assert not model.follows("b submits", "a submits")
    assert not model.follows("of b", "a submits")
    assert not model.follows("of b", "of a")
    assert model.follows("all ended", "of a ends")
    assert model.follows("all ended", "of b ends")


def test_map_and_exceptions_of_tasks_come_back_as_ever(model: ClockModel) -> None:
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda one: one * 2, [1, 2, 3])) == [2, 4, 6]
        with pytest.raises(ZeroDivisionError):
            pool.submit(lambda: 1 / 0).result(PATIENCE)


# --- asyncio ---


def test_what_is_sent_to_a_loop_comes_before_what_it_calls(model: ClockModel) -> None:
    script = Script()

    async def main() -> None:
        loop, came = asyncio.get_running_loop(), asyncio.Event()

        def called() -> None:
            model.mark("called")
            came.set()

        await loop.run_in_executor(
            None, lambda: (model.mark("sends"), loop.call_soon_threadsafe(called))
        )
        await came.wait()

    script.run("loop", lambda: asyncio.run(main()))

    assert model.follows("called", "sends")


def test_a_coroutine_sent_to_a_loop_follows_and_its_result_is_followed(model: ClockModel) -> None:
    script = Script()
    loop = asyncio.new_event_loop()

    async def work() -> int:
        model.mark("works")
        return 3

    script.begin("loop", loop.run_forever)
    result = script.run(
        "sender",
        lambda: (
            model.mark("sends"),
            asyncio.run_coroutine_threadsafe(work(), loop).result(PATIENCE),
            model.mark("has it"),
        )[1],
    )
    loop.call_soon_threadsafe(loop.stop)
    script.end("loop")
    loop.close()

    assert result == 3
    assert model.follows("works", "sends")
    assert model.follows("has it", "works")


def test_to_thread_follows_and_is_followed(model: ClockModel) -> None:
    async def main() -> None:
        model.mark("before")
        await asyncio.to_thread(lambda: model.mark("in the thread"))
        model.mark("after")

    Script().run("loop", lambda: asyncio.run(main()))

    assert model.follows("in the thread", "before")
    assert model.follows("after", "in the thread")


def test_a_loop_in_debug_mode_still_refuses_coroutines(model: ClockModel) -> None:
    async def no_callback() -> None: ...

    loop = asyncio.new_event_loop()
    loop.set_debug(True)
    coroutine = no_callback()

    with pytest.raises(TypeError):
        loop.call_soon_threadsafe(coroutine)
    coroutine.close()
    loop.close()


# --- Locks of multiprocessing ---


@pytest.mark.parametrize("make", ["Lock", "RLock", "Semaphore", "BoundedSemaphore", "Condition"])
def test_the_locks_of_multiprocessing_order_threads(model: ClockModel, make: str) -> None:
    lock, script = getattr(multiprocessing, make)(), Script()

    def use(name: str) -> None:
        with lock:
            model.mark(name)

    script.run("a", lambda: use("a"))
    script.run("b", lambda: (lock.acquire(timeout=PATIENCE), model.mark("b"), lock.release()))
    script.run("c", lambda: (lock.acquire(), model.mark("c")))

    assert model.follows("b", "a")
    assert model.follows("c", "b")
    assert script.run("a", lambda: lock.acquire(False)) is False


def test_a_lock_of_multiprocessing_that_is_not_had_orders_nothing(model: ClockModel) -> None:
    lock, script = multiprocessing.Lock(), Script()

    script.run("a", lambda: (model.mark("a"), lock.acquire()))
    script.run("b", lambda: (lock.acquire(block=False), model.mark("b")))

    assert not model.follows("b", "a")


# --- All ---


def test_logging_orders_nothing(model: ClockModel, tmp_path: Path) -> None:
    script, logger = Script(), logging.Logger("test")
    handler = logging.FileHandler(tmp_path / "log")
    logger.addHandler(handler)

    script.run("a", lambda: (model.mark("a"), logger.warning("a")))
    script.run("b", lambda: (logger.warning("b"), model.mark("b")))
    handler.close()

    assert not model.follows("b", "a")


def test_a_handler_or_stream_of_ones_own_is_ordered_by_the_lock_of_its_handler(
    model: ClockModel,
) -> None:
    class Own(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            model.mark(f"emits {record.msg}")

    class OwnStream:
        def write(self, text: str) -> None:
            model.mark(f"writes {text.strip()}")

        def flush(self) -> None: ...

    script, logger = Script(), logging.Logger("test")
    logger.addHandler(Own())
    logger.addHandler(logging.StreamHandler(OwnStream()))

    for name in ("a", "b"):
        script.run(name, lambda name=name: logger.warning(name))

    assert model.follows("emits b", "emits a")
    assert model.follows("writes b", "writes a")


def test_a_thread_that_has_begun_says_so_once_its_parent_can_go_on(model: ClockModel) -> None:
    seen: list[bool] = []

    def look() -> None:
        seen.append(model.begun == [threading.get_ident()])
        event.set()

    event = threading.Event()
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()

    assert seen == [True]
    assert event.is_set()
    assert len(model.begun) == 1


def test_modules_that_are_loaded_later_are_changed_then(
    model: ClockModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.delitem(sys.modules, "_threading_local", raising=False)
    sync_hooks.remove()
    sync_hooks.install(model)
    import _threading_local

    local, script = _threading_local.local(), Script()

    script.run("a", lambda: (model.mark("a"), setattr(local, "x", 1)))
    script.run("b", lambda: (setattr(local, "x", 2), model.mark("b")))

    assert not model.follows("b", "a")
    assert type(_threading_local.__loader__).__name__ == "SourceFileLoader"


def test_everything_is_put_back() -> None:
    owners = [
        threading.Event,
        threading.Semaphore,
        threading.Barrier,
        threading,
        queue.Queue,
        queue.LifoQueue,
        concurrent.futures.Future,
        concurrent.futures,
        asyncio.BaseEventLoop,
    ]
    before = [dict(vars(one)) for one in owners]

    with ClockModel() as model:
        inside = [dict(vars(one)) for one in owners]
        sync_hooks.install(model)
        assert [dict(vars(one)) for one in owners] != inside
        sync_hooks.remove()
        assert [dict(vars(one)) for one in owners] == inside

    assert [dict(vars(one)) for one in owners] == before


def test_signatures_and_names_stay(model: ClockModel) -> None:
    import inspect

    assert str(inspect.signature(queue.Queue.put)) == "(self, item, block=True, timeout=None)"
    assert threading.Event.wait.__doc__
    assert threading.Event.wait.__qualname__ == "Event.wait"
    with pytest.raises(TypeError):
        pickle.dumps(queue.Queue())
