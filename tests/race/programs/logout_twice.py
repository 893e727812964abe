"""A session ends by hand or by its age, whichever comes first."""

import threading

sessions = {number: f"user{number}" for number in range(40)}


def end(session: int) -> None:
    if session in sessions:
        try:
            del sessions[session]
        except KeyError:
            print("somebody else was there")


def log_out() -> None:
    for session in range(40):
        end(session)


def expire() -> None:
    for session in range(40):
        end(session)


threads = [threading.Thread(target=log_out), threading.Thread(target=expire)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
