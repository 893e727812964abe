"""Lines are appended to a list, and joined when the threads are over."""

import threading


class Transcript:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, who: str, what: str) -> None:
        self.lines.append(f"{who}: {what}\n")

    @property
    def text(self) -> str:
        return "".join(self.lines)


transcript = Transcript()


def talk(who: str) -> None:
    for number in range(30):
        transcript.say(who, f"sentence {number}")


threads = [threading.Thread(target=talk, args=(who,)) for who in ("ada", "ben")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert transcript.text.count("\n") == 60
