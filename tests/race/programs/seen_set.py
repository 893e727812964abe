"""Pages are looked at once, if nobody else found them in the same moment."""

import threading


class Crawler:
    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.visited: list[str] = []

    def visit(self, page: str) -> None:
        if page in self.seen:
            return
        self.seen.add(page)
        self.visited.append(page)


crawler = Crawler()


def follow(links: list[str]) -> None:
    for page in links:
        crawler.visit(page)


pages = [f"/page/{number}" for number in range(40)]
threads = [threading.Thread(target=follow, args=(pages,)) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(crawler.visited))
