"""Two cash machines draw on one account, which checks and pays under its lock."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock


class Account:
    def __init__(self, balance: int) -> None:
        self._lock = Lock()
        self.balance = balance

    def withdraw(self, amount: int) -> bool:
        self._lock.acquire()
        try:
            if self.balance < amount:
                return False
            self.balance -= amount
            return True
        finally:
            self._lock.release()


account = Account(100)
gate = Barrier(2)


def cash_machine(amounts: list[int]) -> int:
    gate.wait()
    return sum(amount for amount in amounts if account.withdraw(amount))


with ThreadPoolExecutor(max_workers=2) as pool:
    paid = list(pool.map(cash_machine, [[7] * 12, [5] * 12]))
assert sum(paid) + account.balance == 100
