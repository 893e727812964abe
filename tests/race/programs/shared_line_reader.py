"""Two threads walk along one list iterator."""

import threading

lines = iter([f"line {number}" for number in range(80)])
lengths: list[int] = []


def parse() -> None:
    for line in lines:
        lengths.append(len(line))


parsers = [threading.Thread(target=parse) for _ in range(2)]
for parser in parsers:
    parser.start()
for parser in parsers:
    parser.join()
print(len(lengths))
