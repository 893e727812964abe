"""A text that grows by concatenation."""

import threading


class Transcript:
    def __init__(self) -> None:
        self.text = ""

    def say(self, who: str, what: str) -> None:
        self.text = self.text + f"{who}: {what}\n"


transcript = Transcript()


def talk(who: str) -> None:
    for number in range(30):
        transcript.say(who, f"sentence {number}")


threads = [threading.Thread(target=talk, args=(who,)) for who in ("ada", "ben")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(transcript.text.count("\n"))
