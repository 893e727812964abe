"""The request at hand, in a module's variable that the helpers read."""

import threading
from dataclasses import dataclass


@dataclass
class Request:
    user: str = ""
    depth: int = 0


request = Request()


def render(name: str) -> str:
    request.depth += 1
    try:
        return f"{name} for {request.user}"
    finally:
        request.depth -= 1


def handle(user: str) -> None:
    for number in range(20):
        request.user = user
        render(f"page {number}")


threads = [threading.Thread(target=handle, args=(user,)) for user in ("ada", "ben")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
