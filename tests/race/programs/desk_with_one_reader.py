"""Several put letters on a desk; the one who reads them looks whether there are any."""

import queue
import threading

desk: queue.SimpleQueue[str] = queue.SimpleQueue()
letters: list[str] = []
all_sent = threading.Event()


def write(name: str) -> None:
    for number in range(20):
        desk.put(f"{name} {number}")


def read() -> None:
    while not (desk.empty() and all_sent.is_set()):
        if not desk.empty():
            letters.append(desk.get())


reader = threading.Thread(target=read)
reader.start()
writers = [threading.Thread(target=write, args=(name,)) for name in ("ada", "ben")]
for thread in writers:
    thread.start()
for thread in writers:
    thread.join()
all_sent.set()
reader.join()
