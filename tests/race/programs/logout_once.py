"""A session ends by hand or by its age; pop with a default is one step."""

import threading

sessions = {number: f"user{number}" for number in range(40)}


def end(session: int) -> bool:
    return sessions.pop(session, None) is not None


ended: list[int] = []


def log_out() -> None:
    for session in range(40):
        if end(session):
            ended.append(session)


def expire() -> None:
    for session in range(40):
        if end(session):
            ended.append(session)


threads = [threading.Thread(target=log_out), threading.Thread(target=expire)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(ended) == list(range(40))
