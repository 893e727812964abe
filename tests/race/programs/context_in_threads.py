"""Tasks run in copies of the caller's context, in an executor's threads."""

import contextvars
from concurrent.futures import ThreadPoolExecutor

tenant: contextvars.ContextVar[str] = contextvars.ContextVar("tenant")
seen: list[tuple[str, int]] = []


def task(number: int) -> None:
    seen.append((tenant.get(), number))


def request(pool: ThreadPoolExecutor, name: str) -> None:
    token = tenant.set(name)
    try:
        futures = [pool.submit(contextvars.copy_context().run, task, n) for n in range(10)]
        for future in futures:
            future.result()
    finally:
        tenant.reset(token)


with ThreadPoolExecutor(2) as pool:
    request(pool, "ada")
    request(pool, "ben")
assert sorted(seen) == [(name, n) for name in ("ada", "ben") for n in range(10)]
