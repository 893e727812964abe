"""Fields are counted through the instance's dictionary."""

import threading


class Tally:
    def __init__(self) -> None:
        self.yes = 0
        self.no = 0

    def vote(self, answer: str) -> None:
        self.__dict__[answer] += 1


tally = Tally()


def station(votes: list[str]) -> None:
    for answer in votes:
        tally.vote(answer)


stations = [threading.Thread(target=station, args=(["yes", "no"] * 20,)) for _ in range(2)]
for each in stations:
    each.start()
for each in stations:
    each.join()
