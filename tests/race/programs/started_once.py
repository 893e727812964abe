"""A service is started when it is first needed, by the one that gets the lock without waiting."""

import threading


class Service:
    def __init__(self) -> None:
        self.starting = threading.Lock()
        self.running = threading.Event()
        self.starts: list[str] = []

    def ensure_running(self) -> None:
        if self.starting.acquire(blocking=False):
            self.starts.append(threading.current_thread().name)
            self.running.set()
        self.running.wait()
        assert len(self.starts) == 1


service = Service()
gate = threading.Barrier(3)


def use() -> None:
    gate.wait()
    service.ensure_running()


threads = [threading.Thread(target=use) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
