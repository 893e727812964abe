"""functools.cached_property, asked for once before the threads start."""

import threading
from functools import cached_property


class Engine:
    @cached_property
    def pool(self) -> list[str]:
        return ["connection"]


engine = Engine()
assert engine.pool
gate = threading.Barrier(2)
got: list[list[str]] = []


def connect() -> None:
    gate.wait()
    got.append(engine.pool)


threads = [threading.Thread(target=connect) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert got[0] is got[1]
