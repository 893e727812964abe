"""Whoever wants the list sorted makes a sorted one; the shared list never changes again."""

import threading


class Leaderboard:
    def __init__(self) -> None:
        self.scores = [(number * 37) % 101 for number in range(50)]

    def best(self) -> int:
        return sorted(self.scores, reverse=True)[0]

    def total(self) -> int:
        return sum(self.scores)


board = Leaderboard()


def refresh() -> None:
    for _ in range(20):
        assert board.best() == 100 or board.best() > 0


def show() -> None:
    for _ in range(20):
        board.total()


threads = [threading.Thread(target=refresh), threading.Thread(target=show)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
