"""A pool hands out what is idle, opens one more up to a limit, and else waits for one."""

import threading


class Connection:
    def __init__(self, number: int) -> None:
        self.number = number
        self.queries = 0

    def query(self, text: str) -> str:
        self.queries += 1
        return f"{text} on {self.number}"


class ConnectionPool:
    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.opened = 0
        self.idle: list[Connection] = []
        self.returned = threading.Condition()

    def acquire(self) -> Connection:
        with self.returned:
            while True:
                if self.idle:
                    return self.idle.pop()
                if self.opened < self.limit:
                    self.opened += 1
                    return Connection(self.opened)
                self.returned.wait()

    def release(self, connection: Connection) -> None:
        with self.returned:
            self.idle.append(connection)
            self.returned.notify()


pool = ConnectionPool(2)


def worker() -> None:
    for number in range(20):
        connection = pool.acquire()
        try:
            connection.query(f"select {number}")
        finally:
            pool.release(connection)


workers = [threading.Thread(target=worker) for _ in range(3)]
for each in workers:
    each.start()
for each in workers:
    each.join()
assert sum(connection.queries for connection in pool.idle) == 60
