"""A vote by coroutines, which run on several event loops."""

from typing import Literal

Choice = Literal["tea", "coffee"]

_votes = {"tea": 0, "coffee": 0}
_leader = ""


async def vote(choice: Choice) -> int:
    """Vote for a drink."""
    global _leader
    _votes[choice] += 1
    _leader = max(_votes, key=lambda each: _votes[each])
    return _votes[choice]


async def leader() -> str:
    """The drink that most people want."""
    return _leader
