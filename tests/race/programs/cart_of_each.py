"""Each instance makes the dictionary that it changes."""

import threading


class Cart:
    def __init__(self, customer: str) -> None:
        self.customer = customer
        self.items: dict[str, int] = {}

    def add(self, article: str, count: int = 1) -> None:
        self.items[article] = self.items.get(article, 0) + count


carts: dict[str, Cart] = {}


def shop(customer: str) -> None:
    cart = Cart(customer)
    for number in range(30):
        cart.add(f"article{number % 3}")
    carts[customer] = cart


customers = [threading.Thread(target=shop, args=(name,)) for name in ("ada", "ben")]
for each in customers:
    each.start()
for each in customers:
    each.join()
assert all(sum(cart.items.values()) == 30 for cart in carts.values())
