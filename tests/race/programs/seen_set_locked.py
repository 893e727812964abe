"""Pages are looked at once: looking and remembering is one step under the lock."""

import threading


class Crawler:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.seen: set[str] = set()
        self.visited: list[str] = []

    def is_new(self, page: str) -> bool:
        with self.lock:
            if page in self.seen:
                return False
            self.seen.add(page)
            return True

    def visit(self, page: str) -> None:
        if self.is_new(page):
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
assert sorted(crawler.visited) == sorted(pages)
