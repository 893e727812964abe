"""The list is sorted in place, and is empty for whoever looks meanwhile."""

import threading


class Leaderboard:
    def __init__(self) -> None:
        self.scores = [(number * 37) % 101 for number in range(50)]

    def refresh(self) -> None:
        self.scores.sort(reverse=True)

    def total(self) -> int:
        return sum(self.scores)


board = Leaderboard()


def refresh() -> None:
    for _ in range(20):
        board.refresh()


def show() -> None:
    for _ in range(20):
        board.total()


threads = [threading.Thread(target=refresh), threading.Thread(target=show)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
