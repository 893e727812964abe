"""A vote by coroutines, which run on several event loops, under a lock for threads."""

import threading
from typing import Literal

Choice = Literal["tea", "coffee"]

_votes = {"tea": 0, "coffee": 0}
_leader = ""
_lock = threading.Lock()


async def vote(choice: Choice) -> int:
    """Vote for a drink."""
    global _leader
    with _lock:
        _votes[choice] += 1
        _leader = max(_votes, key=lambda each: _votes[each])
        return _votes[choice]


async def leader() -> str:
    """The drink that most people want."""
    with _lock:
        return _leader
