"""The module's names are looked up by string, and never changed once the threads run."""

import threading


def shout(text: str) -> str:
    return text.upper()


def whisper(text: str) -> str:
    return text.lower()


said: list[str] = []


def say(how: str) -> None:
    for number in range(20):
        said.append(globals()[how](f"Text {number}"))


threads = [threading.Thread(target=say, args=(how,)) for how in ("shout", "whisper")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(said) == 40
