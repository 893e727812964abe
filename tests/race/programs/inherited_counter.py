"""The count lives in the base class, the bug in what the subclass inherits."""

import threading


class Plugin:
    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, text: str) -> str:
        self.calls += 1
        return self.handle(text)

    def handle(self, text: str) -> str:
        return text


class Mailer(Plugin):
    def __init__(self, sender: str) -> None:
        super().__init__()
        self.sender = sender

    def handle(self, text: str) -> str:
        return f"{self.sender}: {text}"


mailer = Mailer("bot")
threads = [
    threading.Thread(target=lambda: [mailer(f"mail {number}") for number in range(30)])
    for _ in range(2)
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
