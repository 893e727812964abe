"""A client is put where all see it, and logs in only then."""

import threading


class Client:
    def __init__(self, address: str) -> None:
        self.address = address
        self.token = ""

    def login(self) -> None:
        self.token = f"token for {self.address}"

    def get(self, path: str) -> str:
        return f"GET {path} with {self.token!r}"


_client: Client | None = None


def client() -> Client:
    global _client
    if _client is None:
        _client = Client("files.example")
        _client.login()
    return _client


gate = threading.Barrier(2)


def fetch(path: str) -> None:
    gate.wait()
    for number in range(10):
        client().get(f"{path}/{number}")


threads = [threading.Thread(target=fetch, args=(path,)) for path in ("/a", "/b")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
