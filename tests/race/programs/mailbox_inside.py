"""The letter is put in and taken out with the condition's lock held."""

import threading


class Mailbox:
    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.letter: str | None = None

    def post(self, letter: str) -> None:
        with self.changed:
            while self.letter is not None:
                self.changed.wait()
            self.letter = letter
            self.changed.notify_all()

    def take(self) -> str:
        with self.changed:
            while self.letter is None:
                self.changed.wait()
            letter, self.letter = self.letter, None
            self.changed.notify_all()
            return letter


mailbox = Mailbox()
taken: list[str] = []


def post() -> None:
    for number in range(20):
        mailbox.post(f"letter {number}")


def read() -> None:
    for _ in range(20):
        taken.append(mailbox.take())


threads = [threading.Thread(target=read), threading.Thread(target=post)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert taken == [f"letter {number}" for number in range(20)]
