"""Each station counts through the dictionary of an object of its own."""

import threading


class Tally:
    def __init__(self) -> None:
        self.yes = 0
        self.no = 0

    def vote(self, answer: str) -> None:
        self.__dict__[answer] += 1


def station(tally: Tally, votes: list[str]) -> None:
    for answer in votes:
        tally.vote(answer)


tallies = [Tally() for _ in range(2)]
stations = [threading.Thread(target=station, args=(each, ["yes", "no"] * 20)) for each in tallies]
for each in stations:
    each.start()
for each in stations:
    each.join()
assert sum(each.yes for each in tallies) == 40
