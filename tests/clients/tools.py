"""What the clients of the tests call."""

import threading
import time

import atonce

PARTIES = 8
PATIENCE = 30.0  # seconds until a tool that waits in vain gives up
meeting = threading.Barrier(PARTIES)
heard = threading.Semaphore(0)
has_left = threading.Event()
ends: list[str] = []


@atonce.tool
def add(a: int, b: int) -> int:
    """Adds two whole numbers."""
    return a + b


@atonce.tool
def divide(a: int, b: int) -> float:
    """Divides."""
    return a / b


@atonce.tool
def count(to: int, ctx: atonce.Context) -> int:
    """Counts, and tells of each step; goes on when it is told to, so the caller must hear it."""
    for done in range(1, to + 1):
        ctx.progress(done, to, f"step {done}")
        if not heard.acquire(timeout=PATIENCE):
            raise TimeoutError(f"nobody heard of step {done}")
    return to


@atonce.tool
def go_on() -> None:
    """Lets `count` go on."""
    heard.release()


@atonce.tool
def meet(number: int) -> int:
    """Returns once all parties are in here at the same time."""
    meeting.wait(PATIENCE)
    return number


@atonce.tool
def hold(ctx: atonce.Context) -> str:
    """Says that it has begun, then waits to be cancelled."""
    give_up = time.monotonic() + PATIENCE
    ctx.progress(1, 2, "holding")
    try:
        while not ctx.cancelled and time.monotonic() < give_up:
            time.sleep(0.01)
        return "nobody cancelled this call"
    finally:
        ends.append("cancelled" if ctx.cancelled else "not cancelled")
        has_left.set()


@atonce.tool
def how_hold_ended() -> list[str]:
    """How the calls of `hold` ended; waits for the first."""
    has_left.wait(PATIENCE)
    return ends
