"""Two cash machines draw on one account."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier


class Account:
    def __init__(self, balance: int) -> None:
        self.balance = balance
        self.refused = 0

    def withdraw(self, amount: int) -> bool:
        if self.balance >= amount:
            self.balance -= amount
            return True
        return False


account = Account(100)
gate = Barrier(2)


def cash_machine(amounts: list[int]) -> int:
    gate.wait()
    return sum(amount for amount in amounts if account.withdraw(amount))


with ThreadPoolExecutor(max_workers=2) as pool:
    paid = list(pool.map(cash_machine, [[7] * 12, [5] * 12]))
print(sum(paid), account.balance)
