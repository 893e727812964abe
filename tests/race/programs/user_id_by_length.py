"""A new user's number is how many there are."""

import threading


class Directory:
    def __init__(self) -> None:
        self.users: dict[int, str] = {}

    def add(self, name: str) -> int:
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
print(len(directory.users))
