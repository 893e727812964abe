"""Both ways through two objects take the ledger's lock first."""

import threading


class Ledger:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.entries: list[str] = []

    def close_month(self, archive: "Archive") -> None:
        with self.lock:
            with archive.lock:
                archive.pages.append(self.entries)
                self.entries = []


class Archive:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.pages: list[list[str]] = []

    def restore(self, ledger: Ledger) -> None:
        with ledger.lock, self.lock:
            if self.pages:
                ledger.entries = self.pages.pop() + ledger.entries


ledger = Ledger()
archive = Archive()
nightly = threading.Timer(0.05, archive.restore, args=(ledger,))
nightly.start()
closing = threading.Thread(target=ledger.close_month, args=(archive,))
closing.start()
closing.join()
nightly.join()
