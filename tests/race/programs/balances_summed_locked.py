"""A report adds up under the locks of all accounts, which it takes in their order."""

import threading
from contextlib import ExitStack


class Account:
    def __init__(self, balance: int) -> None:
        self.lock = threading.Lock()
        self.balance = balance

    def pay_in(self, amount: int) -> None:
        with self.lock:
            self.balance += amount


accounts = [Account(100) for _ in range(5)]


def transfer(source: int, target: int, amount: int) -> None:
    first, second = sorted((source, target))
    with accounts[first].lock, accounts[second].lock:
        accounts[source].balance -= amount
        accounts[target].balance += amount


def pay() -> None:
    for number in range(50):
        transfer(number % 5, (number + 2) % 5, 7)


def report() -> None:
    for _ in range(10):
        with ExitStack() as held:
            for account in accounts:
                held.enter_context(account.lock)
            assert sum(account.balance for account in accounts) == 500


threads = [threading.Thread(target=pay), threading.Thread(target=report)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
