"""Lists by key: setdefault gives all threads the same list, and append is one step."""

import threading

groups: dict[int, list[str]] = {}


def group(words: list[str]) -> None:
    for word in words:
        groups.setdefault(len(word), []).append(word)


WORDS = "a lot of words of many kinds and of many lengths to be put together".split()
threads = [threading.Thread(target=group, args=(WORDS,)) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sum(map(len, groups.values())) == 2 * len(WORDS)
