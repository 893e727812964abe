"""Locks that look: in a Python of their own, since they replace those of threading for good."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from caller import write

BEGIN = """
import json, sys, threading, time
from atonce._host.lock_watch import take_waits, watch_locks
watch_locks()
sys.path.insert(0, ".")

def let_wait(lock, tool):
    'Lets a thread wait for the lock in tool(), for a moment that it certainly waits.'
    before = threading.active_count()
    lock.acquire()
    thread = threading.Thread(target=tool)
    thread.start()
    lock.acquire(timeout=0.05)  # ends without it, unless it is a RLock
    lock.release()
    thread.join()

def waits(module):
    return [(name, place) for name, place, waited, count in take_waits(module) if waited and count]
"""


def run(folder: Path, files: dict[str, str], program: str) -> Any:
    write(folder, files)
    source = f"import sys; sys.path[:0] = {sys.path!r}\n{BEGIN}\n{textwrap.dedent(program)}"
    done = subprocess.run(
        [sys.executable, "-c", source],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("source", "lock", "name", "line"),
    [
        ("import threading\nLOCK = threading.Lock()\n", "LOCK", "LOCK", 2),
        ("from threading import Lock\n\nLOCK = Lock()\n", "LOCK", "LOCK", 3),
        ("import threading\nLOCKS = {'a': threading.Lock()}\n", "LOCKS['a']", "LOCKS['a']", 2),
        ("import queue\nJOBS = queue.Queue()\n", "JOBS.mutex", "JOBS", 2),
        ("import threading\nREADY = threading.Condition(threading.Lock())\n", "READY", "READY", 2),
        ("import threading\nclass C:\n    lock = threading.Lock()\n", "C.lock", "C.lock", 3),
        (
            "import threading\nclass Store:\n    __slots__ = ('lock',)\n"
            "    def __init__(self): self.lock = threading.Lock()\nSTORE = Store()\n",
            "STORE.lock",
            "STORE.lock",
            4,
        ),
        (
            "import threading\nfrom dataclasses import dataclass, field\n@dataclass\nclass Store:\n"
            "    lock: threading.Lock = field(default_factory=threading.Lock)\nSTORE = Store()\n",
            "STORE.lock",
            "STORE.lock",
            6,
        ),
        (
            "import threading\ndef make():\n    lock = threading.Lock()\n    return lambda: lock\n"
            "get = make()\n",
            "get()",
            "",
            3,
        ),
    ],
)
def test_a_lock_that_was_waited_for_is_named(
    tmp_path: Path, source: str, lock: str, name: str, line: int
) -> None:
    program = f"""
    import my_tools
    from my_tools import *
    def tool():
        with {lock}: pass
    let_wait({lock}, tool)
    first = [one for one in take_waits(my_tools) if one[2] > 10_000_000]
    print(json.dumps([first, take_waits(my_tools)]))
    """

    first, second = run(tmp_path, {"my_tools.py": source}, program)

    assert [one[:2] for one in first] == [[name, f"my_tools.py:{line}"]]
    assert first[0][3] >= 1
    assert second == []


@pytest.mark.parametrize("kind", ["Semaphore", "BoundedSemaphore"])
def test_a_wait_for_a_place_of_a_semaphore_is_told(tmp_path: Path, kind: str) -> None:
    files = {"my_tools.py": f"import threading\nPLACES = threading.{kind}(1)\n"}
    program = """
    import my_tools
    def tool():
        with my_tools.PLACES: pass
    with my_tools.PLACES: pass
    assert not take_waits(my_tools)
    let_wait(my_tools.PLACES, tool)
    told = [one for one in take_waits(my_tools) if one[0]]
    print(json.dumps([one[:2] + (one[2] > 10_000_000,) for one in told]))
    """

    assert run(tmp_path, files, program) == [["PLACES", "my_tools.py:2", True]]


def test_locks_of_modules_beside_it_are_named_too(tmp_path: Path) -> None:
    files = {
        "my_tools.py": "import helper\n",
        "helper.py": "import threading\nLOCK = threading.RLock()\n",
    }
    program = """
    import my_tools
    held, free = threading.Event(), threading.Event()
    def hold():
        with my_tools.helper.LOCK:
            held.set()
            free.wait()
    def tool():
        with my_tools.helper.LOCK:
            with my_tools.helper.LOCK: pass
    holder, waiter = threading.Thread(target=hold), threading.Thread(target=tool)
    holder.start(); held.wait(); waiter.start()
    my_tools.helper.LOCK.acquire(timeout=0.05)
    free.set(); holder.join(); waiter.join()
    print(json.dumps([one for one in waits(my_tools) if one[0]]))
    """

    assert run(tmp_path, files, program) == [["helper.LOCK", "helper.py:2"]]


def test_the_locks_of_a_tool_are_named_as_its_own_module_names_them(tmp_path: Path) -> None:
    files = {
        "my_tools.py": "import threading\nfrom functools import partial\nLOCK = threading.Lock()\n"
        "def hold(times):\n    with LOCK: return times\ntools = [partial(hold, 1)]\n"
    }
    program = """
    from atonce._host.load import load
    from atonce._host.probing import take_lock_waits
    tool, = load("my_tools.py:tools").tools
    let_wait(sys.modules["my_tools"].LOCK, tool.function)
    print(json.dumps([one[:2] for one in take_lock_waits(tool) if one[2] > 10_000_000]))
    """

    assert run(tmp_path, files, program) == [["LOCK", "my_tools.py:3"]]


def test_nothing_is_told_of_locks_that_nobody_waited_for(tmp_path: Path) -> None:
    files = {"my_tools.py": "import threading\nLOCK = threading.Lock()\n"}
    program = """
    import my_tools
    for _ in range(100):
        with my_tools.LOCK: pass
    assert not my_tools.LOCK.locked() and my_tools.LOCK.acquire(False)
    assert not my_tools.LOCK.acquire(blocking=False)
    print(json.dumps(take_waits(my_tools)))
    """

    assert run(tmp_path, files, program) == []


def test_no_wait_is_lost_among_many_threads(tmp_path: Path) -> None:
    files = {"my_tools.py": "import threading\nLOCK = threading.Lock()\nCOUNT = 0\n"}
    program = """
    import my_tools
    def tool():
        for _ in range(20_000):
            with my_tools.LOCK:
                my_tools.COUNT += 1
    threads = [threading.Thread(target=tool) for _ in range(4)]
    for one in threads: one.start()
    for one in threads: one.join()
    told = [one for one in take_waits(my_tools) if one[0]]
    print(json.dumps([my_tools.COUNT, my_tools.LOCK._waits, sum(one[3] for one in told)]))
    """

    count, waits, told = run(tmp_path, files, program)

    assert count == 80_000
    assert waits == told


def test_what_the_library_makes_of_locks_works(tmp_path: Path) -> None:
    program = """
    import queue, logging, pickle, concurrent.futures as futures
    condition, seen = threading.Condition(), []
    def consume():
        with condition:
            condition.wait_for(lambda: seen, timeout=60)
            seen.append("consumed")
    thread = threading.Thread(target=consume)
    thread.start()
    with condition:
        with condition:
            seen.append("made")
            condition.notify_all()
    thread.join()
    jobs = queue.Queue(1)
    jobs.put(1)
    try: jobs.put(2, timeout=0.01)
    except queue.Full: seen.append("full")
    with futures.ThreadPoolExecutor(3) as pool:
        seen.append(sum(pool.map(abs, range(-10, 0))))
    barrier = threading.Barrier(2, timeout=60)
    other = threading.Thread(target=barrier.wait)
    other.start(); barrier.wait(); other.join()
    semaphore = threading.BoundedSemaphore(1)
    with semaphore: seen.append(semaphore.acquire(timeout=0.01))
    lock = threading.Lock()
    lock.acquire()
    freer = threading.Thread(target=lock.release)  # another thread may
    freer.start(); freer.join()
    seen.append(lock.acquire(timeout=60))
    seen.append(lock.acquire(timeout=0.01))
    releases = threading.Lock().release, threading.RLock().release
    for wrong in (lambda: lock.acquire(False, 1), *releases, lambda: pickle.dumps(lock)):
        try: wrong()
        except Exception as error: seen.append(type(error).__name__)
    seen.append(isinstance(lock, threading.Lock))
    logging.getLogger("x").warning("said")
    print(json.dumps(seen))
    """

    seen = run(tmp_path, {}, program)

    assert seen == [
        "made",
        "consumed",
        "full",
        55,
        False,
        True,
        False,
        "ValueError",
        "RuntimeError",
        "RuntimeError",
        "TypeError",
        True,
    ]


def test_locks_that_are_gone_are_forgotten(tmp_path: Path) -> None:
    program = """
    import gc
    from atonce._host import lock_watch
    for _ in range(20_000): threading.Lock()
    print(len(lock_watch._watched))
    """

    assert run(tmp_path, {}, program) < 3_000
