"""The request at hand, in an object whose fields every thread has for itself."""

import threading


class Request(threading.local):
    user = ""

    def __init__(self) -> None:
        self.depth = 0


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
        assert render(f"page {number}") == f"page {number} for {user}"
        assert request.depth == 0


threads = [threading.Thread(target=handle, args=(user,)) for user in ("ada", "ben")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
