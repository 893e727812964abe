"""A client is made complete under a lock and published last; the common case takes no lock."""

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
_client_lock = threading.Lock()


def client() -> Client:
    global _client
    if _client is None:
        with _client_lock:
            if _client is None:
                made = Client("files.example")
                made.login()
                _client = made
    return _client


gate = threading.Barrier(2)


def fetch(path: str) -> None:
    gate.wait()
    for number in range(10):
        assert "token for" in client().get(f"{path}/{number}")


threads = [threading.Thread(target=fetch, args=(path,)) for path in ("/a", "/b")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
