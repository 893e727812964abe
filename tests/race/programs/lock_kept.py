"""The lock is held from reading the stock until it is written back."""

import threading


class Shop:
    def __init__(self, stock: int) -> None:
        self.lock = threading.Lock()
        self.stock = stock

    def sell(self) -> bool:
        with self.lock:
            left = self.stock
            if left == 0:
                return False
            self.stock = left - 1
            return True


shop = Shop(30)
gate = threading.Barrier(2)


def till() -> None:
    gate.wait()
    for _ in range(15):
        shop.sell()


tills = [threading.Thread(target=till) for _ in range(2)]
for each in tills:
    each.start()
for each in tills:
    each.join()
assert shop.stock == 0
