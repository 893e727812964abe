"""A pool hands out what is idle, else opens one more, up to a limit."""

import threading


class Connection:
    def __init__(self, number: int) -> None:
        self.number = number

    def query(self, text: str) -> str:
        return f"{text} on {self.number}"


class ConnectionPool:
    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.opened = 0
        self.idle: list[Connection] = []

    def acquire(self) -> Connection:
        if self.idle:
            return self.idle.pop()
        if self.opened < self.limit:
            self.opened += 1
            return Connection(self.opened)
        return Connection(0)

    def release(self, connection: Connection) -> None:
        if connection.number:
            self.idle.append(connection)


pool = ConnectionPool(4)


def worker() -> None:
    for number in range(20):
        try:
            connection = pool.acquire()
        except IndexError:
            continue
        connection.query(f"select {number}")
        pool.release(connection)


workers = [threading.Thread(target=worker) for _ in range(3)]
for each in workers:
    each.start()
for each in workers:
    each.join()
