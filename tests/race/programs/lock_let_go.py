"""The lock is let go between reading the stock and writing it back."""

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
        remaining = left - 1
        with self.lock:
            self.stock = remaining
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
print(shop.stock)
