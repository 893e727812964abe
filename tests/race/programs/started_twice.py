"""A service is started when it is first needed, and must be started once."""

import threading


class Service:
    def __init__(self) -> None:
        self.is_running = False
        self.starts: list[str] = []

    def ensure_running(self) -> None:
        if not self.is_running:
            self.is_running = True
            self.starts.append(threading.current_thread().name)


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
print(service.starts)
