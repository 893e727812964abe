"""The base class counts under a lock of its own, for all that inherit from it."""

import threading


class Plugin:
    def __init__(self) -> None:
        self.__lock = threading.Lock()
        self.calls = 0

    def __call__(self, text: str) -> str:
        with self.__lock:
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
assert mailer.calls == 60
