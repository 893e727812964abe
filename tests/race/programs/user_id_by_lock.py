"""A new user's number is how many there are, and nobody can come in between."""

import threading


class Directory:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.users: dict[int, str] = {}

    def add(self, name: str) -> int:
        with self.lock:
            number = len(self.users)
            self.users[number] = name
        return number


directory = Directory()


def sign_up(team: str) -> None:
    for member in range(30):
        directory.add(f"{team}{member}")


threads = [threading.Thread(target=sign_up, args=(team,)) for team in ("red", "blue")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(directory.users) == 60
