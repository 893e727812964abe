"""Several searchers keep the best of what they all found."""

import threading


class Search:
    def __init__(self) -> None:
        self.best_score = -1
        self.best_name = ""

    def offer(self, name: str, score: int) -> None:
        if score > self.best_score:
            self.best_score = score
            self.best_name = name


search = Search()


def look(seed: int) -> None:
    for number in range(40):
        search.offer(f"{seed}/{number}", (number * seed) % 97)


threads = [threading.Thread(target=look, args=(seed,)) for seed in (31, 53)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(search.best_name)
