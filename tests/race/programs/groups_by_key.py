"""Lists by key: the list of another thread may be replaced by an empty one."""

import threading

groups: dict[int, list[str]] = {}


def group(words: list[str]) -> None:
    for word in words:
        length = len(word)
        if length not in groups:
            groups[length] = []
        groups[length].append(word)


WORDS = "a lot of words of many kinds and of many lengths to be put together".split()
threads = [threading.Thread(target=group, args=(WORDS,)) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(map(len, groups.values())))
