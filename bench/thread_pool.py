"""The rival of bench/engine.cpp: concurrent.futures.ThreadPoolExecutor with the same work.

A call validates the same JSON by the same pydantic validator, calls the function, and makes JSON of
its result. Run by the Python that atonce embeds, with the GIL off or on (-X gil=0, -X gil=1).
Prints one JSON object: calls, wall and processor seconds.

usage: thread_pool.py WORKERS SECONDS
"""

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from pydantic import TypeAdapter
from pydantic_core import SchemaValidator, to_json

TURN = 500
ARGUMENTS = b'{"a": 1, "b": 2}'


def add(a: int, b: int) -> int:
    return a + b


def make_call() -> Callable[[bytes], bytes]:
    schema = TypeAdapter(add).core_schema["arguments_schema"]  # type: ignore[typeddict-item]
    validate = SchemaValidator(schema).validate_json

    def call(raw: bytes) -> bytes:
        args, kwargs = validate(raw)
        return to_json(add(*args, **kwargs))

    return call


def main() -> None:
    workers, seconds = int(sys.argv[1]), float(sys.argv[2])
    call = make_call()
    with ThreadPoolExecutor(workers) as pool:

        def run_turn() -> int:
            futures = [pool.submit(call, ARGUMENTS) for _ in range(TURN)]
            return sum(future.result() == b"3" for future in futures)

        run_turn()
        calls = 0
        started, cpu_started = time.perf_counter(), time.process_time()
        while time.perf_counter() - started < seconds:
            calls += run_turn()
        wall, cpu = time.perf_counter() - started, time.process_time() - cpu_started
    print(json.dumps({"calls": calls, "wall_seconds": wall, "cpu_seconds": cpu}))


if __name__ == "__main__":
    main()
