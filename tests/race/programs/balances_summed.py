"""A report adds up what others are changing, each under the lock of its account."""

import threading


class Account:
    def __init__(self, balance: int) -> None:
        self.lock = threading.Lock()
        self.balance = balance

    def pay_in(self, amount: int) -> None:
        with self.lock:
            self.balance += amount


accounts = [Account(100) for _ in range(5)]


def pay() -> None:
    for number in range(50):
        accounts[number % 5].pay_in(1)


def report() -> None:
    for _ in range(10):
        sum(account.balance for account in accounts)


threads = [threading.Thread(target=pay), threading.Thread(target=report)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
