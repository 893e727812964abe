"""One connection for each host, if nobody else asks at the same time."""

import threading


class Connection:
    def __init__(self, host: str) -> None:
        self.host = host
        self.is_open = True


_connections: dict[str, Connection] = {}


def connection(host: str) -> Connection:
    if host not in _connections:
        _connections[host] = Connection(host)
    return _connections[host]


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
print(len({id(each) for each in seen}))
