"""A lock for each key, made when it is first asked for, in one step."""

import threading


class Locks:
    def __init__(self) -> None:
        self.by_key: dict[str, threading.Lock] = {}

    def of(self, key: str) -> threading.Lock:
        return self.by_key.setdefault(key, threading.Lock())


locks = Locks()
balances = {f"account{number}": 0 for number in range(20)}


def pay_in() -> None:
    for account in balances:
        with locks.of(account):
            balances[account] += 10


threads = [threading.Thread(target=pay_in) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert set(balances.values()) == {20}
