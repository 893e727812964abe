"""Which reads reach which writes, and what that says of them."""

import pytest
from rewritten import rewritten

LOST_UPDATES = {
    "in one statement": (
        """
        def run(self):
            self.n = self.n + 1
        """,
        ["2 LOAD_ATTR -> 2 STORE_ATTR depends"],
    ),
    "by a local name": (
        """
        def run(self):
            n = self.n
            m = n * 2
            self.n = m
        """,
        ["2 LOAD_ATTR -> 4 STORE_ATTR depends"],
    ),
    "only one after the other": (
        """
        def run(self):
            old = self.n
            self.n = 0
            return old
        """,
        ["2 LOAD_ATTR -> 3 STORE_ATTR follows"],
    ),
    "over the back edge of a loop": (
        """
        def run(self):
            n = 0
            while n < 5:
                self.n = n + 1
                n = self.n
        """,
        ["5 LOAD_ATTR -> 4 STORE_ATTR depends"],
    ),
    "the value is only told after it was stored": (
        """
        def run(self, log):
            for n in range(5):
                self.n = n
                log(self.n)
        """,
        [],
    ),
    "another object's attribute of that name": (
        """
        def run(a, b):
            a.n = b.n + 1
        """,
        ["2 LOAD_ATTR -> 2 STORE_ATTR depends"],
    ),
    "an ordered read comes again": (
        """
        def run(self, log):
            log(self.n)
            with self.lock:
                self.n = self.n + 1
        """,
        ["4 LOAD_ATTR -> 4 STORE_ATTR depends"],
    ),
    "an element": (
        """
        def run(counts, word):
            counts[word] = counts.get(word, 0) + 1
        """,
        ["2 METHOD -> 2 STORE_ITEM depends"],
    ),
    "elements of different keys": (
        """
        def run(accounts, a, b):
            x = accounts[a]
            y = accounts[b]
            accounts[a] = x - 1
            accounts[b] = y + 1
        """,
        [
            "2 LOAD_ITEM -> 4 STORE_ITEM depends",
            "3 LOAD_ITEM -> 5 STORE_ITEM depends",
        ],
    ),
    "a global": (
        """
        total = 0
        def run():
            global total
            now = total
            total = now + 1
        """,
        ["4 LOAD_GLOBAL -> 5 STORE_GLOBAL depends"],
    ),
    "a cell": (
        """
        def make():
            n = 0
            def run():
                nonlocal n
                n = n + 1
            return run
        """,
        ["5 LOAD_CELL -> 5 STORE_CELL depends"],
    ),
    "in a tuple": (
        """
        def run(self):
            self.a, self.b = self.b, self.a
        """,
        ["2 LOAD_ATTR -> 2 TOUCH_ATTR depends", "2 LOAD_ATTR -> 2 TOUCH_ATTR depends"],
    ),
    "a number by the length": (
        """
        def run(users, name):
            users[name] = len(users) + 1
        """,
        ["2 BUILTIN -> 2 STORE_ITEM depends"],
    ),
    "by getattr and setattr": (
        """
        def run(self):
            setattr(self, "n", getattr(self, "n") + 1)
        """,
        ["2 BUILTIN -> 2 BUILTIN depends"],
    ),
    "by getattr and setattr of a name that is not known": (
        """
        def run(self, name):
            setattr(self, name, getattr(self, name) + 1)
        """,
        ["2 BUILTIN -> 2 BUILTIN depends"],
    ),
    "read again under a test of it": (
        """
        def run(self):
            if len(self.pending) > 3:
                batch = self.pending
                self.pending = []
                return batch
        """,
        ["2 LOAD_ATTR -> 4 STORE_ATTR depends", "3 LOAD_ATTR -> 4 STORE_ATTR depends"],
    ),
    "a slice that is taken out under a test of the length": (
        """
        def run(batch, sent):
            if len(batch) >= 5:
                sent.append(batch[:5])
                del batch[:5]
        """,
        [
            "2 BUILTIN -> 3 METHOD depends",
            "2 BUILTIN -> 4 TOUCH_WHOLE depends",
            "3 TOUCH_WHOLE -> 3 METHOD depends",
            "3 TOUCH_WHOLE -> 4 TOUCH_WHOLE depends",
        ],
    ),
    "a number by the length, which is used later": (
        """
        def run(names, name):
            number = len(names)
            names.append(name)
            return number
        """,
        ["2 BUILTIN -> 3 METHOD follows"],
    ),
    "a length of before": (
        """
        def run(names, name, log):
            number = len(names)
            log(number)
            names.append(name)
        """,
        [],
    ),
    "all taken, and the rest thrown away": (
        """
        def run(self):
            batch = list(self.items)
            self.items.clear()
            return batch
        """,
        ["2 BUILTIN -> 3 METHOD follows"],
    ),
    "a copy of before": (
        """
        def run(self, name):
            before = list(self.names)
            self.names.append(name)
            return before
        """,
        [],
    ),
    "the read is in a lambda, which runs at another time": (
        """
        def run(self):
            self.n = lambda: self.n
        """,
        [],
    ),
    "of a nested function": (
        """
        def outer(self):
            n = self.n
            def run():
                self.n = 1
            return n, run
        """,
        [],
    ),
    "after a return": (
        """
        def run(self):
            return self.n
            self.n = 1
        """,
        [],
    ),
    "through a generator": (
        """
        def run(self):
            n = self.n
            yield n
            self.n = n + 1
        """,
        ["2 LOAD_ATTR -> 4 STORE_ATTR depends"],
    ),
}


@pytest.mark.parametrize("case", LOST_UPDATES)
def test_a_read_that_a_write_comes_from(case: str) -> None:
    source, pairs = LOST_UPDATES[case]

    assert rewritten(source).pairs()[: len(pairs) + 1] == pairs


QUEUES = {
    "nobody catches it": (
        """
        def run(jobs):
            is_empty = jobs.empty()
            if is_empty is False:
                jobs.get()
        """,
        ["2 METHOD -> 4 TAKE depends"],
    ),
    "not to be waited for": (
        """
        def run(jobs):
            count = jobs.qsize()
            if count < 5:
                jobs.put(1, block=False)
            elif count > 7:
                jobs.get(False)
        """,
        ["2 METHOD -> 4 METHOD depends", "2 METHOD -> 6 TAKE depends"],
    ),
    "caught around the loop": (
        """
        def run(jobs):
            try:
                while not jobs.empty():
                    jobs.get_nowait()
            except queue.Empty:
                return
        """,
        ["3 TRUTH -> 4 METHOD depends"],
    ),
    "caught, and left": (
        """
        def run(jobs, handle):
            while jobs.empty() is False:
                try:
                    job = jobs.get_nowait()
                except (Empty, ValueError):
                    break
                handle(job)
        """,
        [],
    ),
    "suppressed, and nothing follows": (
        """
        def run(jobs):
            if jobs.full() is False:
                with contextlib.suppress(queue.Full):
                    jobs.put_nowait(1)
        """,
        [],
    ),
    "caught, and what follows is done": (
        """
        def run(jobs, log):
            if jobs.empty() is False:
                try:
                    jobs.get_nowait()
                except queue.Empty:
                    log("none")
                log("one")
        """,
        ["2 METHOD -> 4 METHOD depends"],
    ),
    "all are caught, also what nobody expects": (
        """
        def run(jobs):
            if jobs.empty() is False:
                try:
                    jobs.get_nowait()
                except Exception:
                    return
        """,
        ["2 METHOD -> 4 METHOD depends"],
    ),
    "not where it is raised": (
        """
        def run(jobs):
            if jobs.empty() is False:
                try:
                    pass
                except queue.Empty:
                    jobs.get_nowait()
                    return
        """,
        ["2 METHOD -> 6 METHOD depends"],
    ),
    "not in a function that is called later": (
        """
        def run(jobs):
            try:
                def take():
                    if jobs.empty() is False:
                        jobs.get_nowait()
            except queue.Empty:
                return
            return take
        """,
        ["4 METHOD -> 5 METHOD depends"],
    ),
    "not a list, which nobody has to ask first": (
        """
        def run(tasks):
            while tasks:
                try:
                    tasks.pop()
                except IndexError:
                    break
        """,
        ["2 TRUTH -> 4 METHOD depends"],
    ),
    "get() of a key is none of a queue": (
        """
        def run(jobs, key):
            if not jobs.empty():
                return jobs.get(key)
        """,
        [],
    ),
    "an object of one's own, which has get(), too": (
        """
        def run(box, make):
            if box.get() is None:
                box.fill(make())
        """,
        ["2 METHOD -> 3 CALL depends"],
    ),
    "an object of one's own, whose empty() does something": (
        """
        def run(trash):
            if trash.has_items():
                trash.empty()
        """,
        ["2 CALL -> 3 CALL depends"],
    ),
    "a dictionary whose keys are True and False": (
        """
        def run(flags):
            if flags.get(True) is None:
                flags[True] = 1
        """,
        ["2 METHOD -> 3 STORE_ITEM depends"],
    ),
}


@pytest.mark.parametrize("case", QUEUES)
def test_who_is_ready_for_an_empty_queue_may_ask_first(case: str) -> None:
    source, pairs = QUEUES[case]

    assert rewritten(source).pairs() == pairs


BY_CALL = {
    "a method of the same object": (
        """
        class Store:
            def get(self):
                if self.made is None:
                    self.make()
                return self.made
            def make(self):
                self.made = []
        """,
        ["3 LOAD_ATTR -> 7 STORE_ATTR by 4-4"],
    ),
    "or, which calls it or does not": (
        """
        class Store:
            def get(self):
                return self.made or self.make()
            def make(self):
                self.made = []
        """,
        ["3 LOAD_ATTR -> 5 STORE_ATTR by 3-3"],
    ),
    "a function of the module, over several lines": (
        """
        table = {}
        def get(key):
            if key not in table:
                fill(
                    key,
                )
        def fill(name):
            table[name] = 1
        """,
        ["3 CONTAINS -> 8 STORE_ITEM by 4-6"],
    ),
    "one that looks again": (
        """
        class Store:
            def get(self):
                if self.made is None:
                    self.make()
            def make(self):
                with self.lock:
                    if self.made is None:
                        self.made = []
        """,
        [],
    ),
    "a call that does not depend on the test": (
        """
        class Store:
            def get(self):
                if self.made is None:
                    pass
                self.make()
            def make(self):
                self.made = []
        """,
        [],
    ),
    "a method of another object": (
        """
        class Store:
            def get(self, other):
                if self.made is None:
                    other.make()
            def make(self):
                self.made = []
        """,
        [],
    ),
    "a name that two functions have": (
        """
        class Store:
            def get(self):
                if self.made is None:
                    self.make()
            def make(self):
                self.made = []
            def make(self):
                self.made = ()
        """,
        [],
    ),
    "the test of a loop that it ends": (
        """
        class Worker:
            def run(self):
                while self.goes:
                    self.stop()
            def stop(self):
                self.goes = False
        """,
        [],
    ),
    "the test of a loop that takes": (
        """
        class Hall:
            def run(self):
                while self.seats > 0:
                    self.take()
            def take(self):
                self.seats -= 1
        """,
        ["3 LOAD_ATTR -> 6 TOUCH_ATTR by 4-4"],
    ),
}


@pytest.mark.parametrize("case", BY_CALL)
def test_a_test_that_decides_about_a_call_whose_function_writes(case: str) -> None:
    source, pairs = BY_CALL[case]

    assert rewritten(source, runs=False).pairs_by_call() == pairs


def test_a_stop_flag_that_the_loop_itself_may_set_is_no_pair() -> None:
    source = """
        def run(self):
            while self.goes:
                if self.is_late():
                    self.goes = False
    """

    # What is_late() looks at may be the flag; running tells.
    assert rewritten(source).pairs() == ["3 CALL -> 4 STORE_ATTR depends"]


def test_what_comes_after_a_loop_that_waits_is_decided_by_its_test() -> None:
    source = """
        def run(self):
            while self.busy:
                pass
            self.busy = True
    """

    assert rewritten(source).pairs() == ["2 LOAD_ATTR -> 4 STORE_ATTR depends"]


BY_METHOD = {
    "a method that is asked, and one that acts": (
        """
        def run(stack):
            if not stack.is_empty():
                stack.drop()
        """,
        ["2 CALL -> 3 CALL depends"],
    ),
    "a method that is asked, and a container of the object": (
        """
        def run(self, key):
            if self.is_free(key):
                self.seats[key] = 1
        """,
        ["2 CALL -> 3 STORE_ITEM depends", "2 TRUTH -> 3 STORE_ITEM depends"],
    ),
    "a property": (
        """
        def run(self):
            if self.is_empty:
                return None
            return self.items.pop()
        """,
        ["2 LOAD_ATTR -> 4 METHOD depends", "2 TRUTH -> 4 METHOD depends"],
    ),
    "a length of its own": (
        """
        def run(self):
            if len(self) > 0:
                self.items.pop()
        """,
        ["2 BUILTIN -> 3 METHOD depends"],
    ),
    "another object": (
        """
        def run(stack, other):
            if not stack.is_empty():
                other.drop()
        """,
        [],
    ),
    "what is done in any case": (
        """
        def run(stack):
            stack.is_empty()
            stack.drop()
        """,
        [],
    ),
}


@pytest.mark.parametrize("case", BY_METHOD)
def test_what_a_method_looks_at_when_it_is_asked(case: str) -> None:
    source, pairs = BY_METHOD[case]

    assert rewritten(source, runs=False).pairs() == pairs


CHECKS = {
    "looked at again before the write, with nothing that would order it": (
        """
        def run(self):
            if self.x is None:
                self.y = self.x
                self.x = 1
        """,
        ["2 LOAD_ATTR"],
    ),
    "looked at again after what may have waited": (
        """
        def run(self, wait):
            if self.x is None:
                wait()
                if self.x is None:
                    self.x = 1
        """,
        ["4 LOAD_ATTR"],
    ),
    "a test and its branch": (
        """
        def run(self):
            if self.x is None:
                self.x = 1
        """,
        ["2 LOAD_ATTR"],
    ),
    "checked twice": (
        """
        def run(self):
            if self.x is None:
                with self.lock:
                    if self.x is None:
                        self.x = 1
            return self.x
        """,
        ["4 LOAD_ATTR"],
    ),
    "checked twice by a local name": (
        """
        def run(self):
            x = self.x
            if x is None:
                with self.lock:
                    x = self.x
                    if x is None:
                        x = self.x = make()
            return x
        """,
        ["5 LOAD_ATTR"],
    ),
    "an early return": (
        """
        def run(self):
            if self.x is not None:
                return self.x
            self.x = 1
            return self.x
        """,
        ["2 LOAD_ATTR"],
    ),
    "an early continue": (
        """
        def run(names, seen):
            for name in names:
                if name in seen:
                    continue
                seen.add(name)
        """,
        ["3 CONTAINS"],
    ),
    "a loop that is left when it is found": (
        """
        def run(items, key):
            for item in items:
                if item == key:
                    break
            else:
                items.append(key)
        """,
        ["2 ITERATE"],
    ),
    "a turn of a loop that is left says nothing of what comes after it": (
        """
        def run(items, key, log):
            for item in items:
                if key in log:
                    break
            log.clear()
        """,
        [],
    ),
    "the element is there": (
        """
        def run(d, k):
            if k in d:
                del d[k]
        """,
        ["2 CONTAINS"],
    ),
    "the element is there, asked in another way inside": (
        """
        def run(d, k, lock):
            if k not in d:
                with lock:
                    v = d.get(k)
                    if v is None:
                        d[k] = 1
        """,
        ["4 METHOD"],
    ),
    "the list is not empty": (
        """
        def run(items):
            if items:
                items.pop()
        """,
        ["2 TRUTH"],
    ),
    "the length": (
        """
        def run(items):
            while len(items) > 3:
                items.popleft()
        """,
        ["2 BUILTIN"],
    ),
    "the attribute is there": (
        """
        def run(self):
            if not hasattr(self, "x"):
                self.x = 1
        """,
        ["2 BUILTIN"],
    ),
    "a walrus": (
        """
        def run(self):
            if (n := self.n) < 3:
                self.n = n + 1
        """,
        ["2 LOAD_ATTR"],
    ),
    "a condition in an expression": (
        """
        def run(self):
            self.x = 1 if self.x is None else self.x
        """,
        [],  # the write depends on both, but is made in any case
    ),
    "or": (
        """
        def run(self):
            return self.items or self.items.append(1)
        """,
        ["2 TRUTH"],
    ),
    "an assertion": (
        """
        def run(self):
            assert self.state == "new"
            self.state = "old"
        """,
        ["2 LOAD_ATTR"],
    ),
    "match": (
        """
        def run(self):
            match self.state:
                case "new":
                    self.state = "old"
        """,
        ["2 LOAD_ATTR"],
    ),
    "a missing key": (
        """
        def run(d, k):
            try:
                return d[k]
            except KeyError:
                d[k] = 1
        """,
        ["3 LOAD_ITEM"],
    ),
    "a missing key, made later": (
        """
        def run(d, k):
            try:
                return d[k]
            except KeyError:
                pass
            d[k] = 1
        """,
        ["3 LOAD_ITEM"],
    ),
    "a loop that finds nothing": (
        """
        def run(items, key):
            for item in items:
                if item == key:
                    return
            items.append(key)
        """,
        ["2 ITERATE"],
    ),
    "a loop that waits": (
        """
        def run(self):
            while self.busy:
                pass
            self.busy = True
        """,
        ["2 LOAD_ATTR"],
    ),
    "finally": (
        """
        def run(self):
            if self.open:
                try:
                    work()
                finally:
                    self.open = False
        """,
        ["2 LOAD_ATTR"],
    ),
}


@pytest.mark.parametrize("case", CHECKS)
def test_a_test_that_guards_a_write(case: str) -> None:
    source, guards = CHECKS[case]

    assert rewritten(source).guards() == guards


def test_both_looks_at_what_is_checked_twice_are_known_as_checked() -> None:
    program = rewritten("""
        def run(self):
            if self.x is None:
                with self.lock:
                    if self.x is None:
                        self.x = 1
            return self.x
    """)

    assert program.flags(2, "LOAD_ATTR") == {"READ", "TEST", "CHECKED"}
    assert program.flags(4, "LOAD_ATTR") == {"READ", "TEST", "GUARD", "CHECKED", "PAIRED"}
    assert program.flags(6, "LOAD_ATTR") == {"READ", "CHECKED"}


def test_a_value_that_is_tested_by_a_local_name_is_known_as_checked() -> None:
    program = rewritten("""
        def run(self):
            x = self.x
            if x is not None:
                return x
            return self.make()
    """)

    assert program.flags(2, "LOAD_ATTR") == {"READ", "CHECKED"}


@pytest.mark.parametrize(
    ("body", "is_told"),
    [
        ("self.n = self.n + 1", False),
        ("if self.n: self.n = 0", False),
        ("if x:\n        x = self.n\n    self.n = x", True),
        ("self.n = other.n", True),
        ("for n in self.all:\n        if x: x = n.n\n        n.n = x", True),
        ("self.n += 1", False),
    ],
)
def test_activations_are_told_apart_where_a_read_may_be_an_earlier_ones(
    body: str, is_told: bool
) -> None:
    program = rewritten(f"def run(self, other, x):\n    {body}\n")

    assert bool(program.sites("ENTER")) == is_told


def test_what_is_not_of_a_pair_and_tells_nothing_else_gets_no_site() -> None:
    program = rewritten("""
        def run(items, k):
            if items and k in items and len(items) > items.count(k):
                return items.index(k)
    """)

    assert program.sites() == []


def test_an_exception_may_come_between_any_two_accesses() -> None:
    program = rewritten("""
        def run(self):
            try:
                n = self.n
                self.go()
                n = self.n
            except ValueError:
                self.n = n + 1
    """)

    assert program.pairs() == [
        "3 LOAD_ATTR -> 7 STORE_ATTR depends",
        "5 LOAD_ATTR -> 7 STORE_ATTR depends",
    ]


def test_a_finally_block_is_on_the_way_of_a_return() -> None:
    program = rewritten("""
        def run(self):
            try:
                return self.n
            finally:
                self.n = 0
    """)

    assert program.pairs() == ["3 LOAD_ATTR -> 5 STORE_ATTR follows"]
