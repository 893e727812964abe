"""One connection for each host: setdefault looks and stores in one step, and all get the first."""

import threading


class Connection:
    def __init__(self, host: str) -> None:
        self.host = host
        self.is_open = True


_connections: dict[str, Connection] = {}


def connection(host: str) -> Connection:
    return _connections.setdefault(host, Connection(host))


def crawl(hosts: list[str], seen: list[Connection]) -> None:
    for host in hosts:
        seen.append(connection(host))


seen: list[Connection] = []
hosts = [f"host{number}.example" for number in range(20)]
threads = [threading.Thread(target=crawl, args=(hosts, seen)) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len({id(each) for each in seen}) == 20
