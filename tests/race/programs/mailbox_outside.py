"""The letter is put in before the condition's lock is taken."""

import threading


class Mailbox:
    def __init__(self) -> None:
        self.arrived = threading.Condition()
        self.count = 0
        self.letter = ""

    def post(self, letter: str) -> None:
        self.letter = letter
        self.count += 1
        with self.arrived:
            self.arrived.notify()

    def wait_for(self, count: int) -> str:
        with self.arrived:
            self.arrived.wait_for(lambda: self.count >= count, timeout=0.2)
            return self.letter


mailbox = Mailbox()


def post() -> None:
    for number in range(20):
        mailbox.post(f"letter {number}")


def read() -> None:
    for count in range(1, 21):
        mailbox.wait_for(count)


threads = [threading.Thread(target=read), threading.Thread(target=post)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
