"""A class attribute that was meant for each instance."""

import threading


class Cart:
    items: dict[str, int] = {}

    def __init__(self, customer: str) -> None:
        self.customer = customer

    def add(self, article: str, count: int = 1) -> None:
        self.items[article] = self.items.get(article, 0) + count


def shop(customer: str) -> None:
    cart = Cart(customer)
    for number in range(30):
        cart.add(f"article{number % 3}")


customers = [threading.Thread(target=shop, args=(name,)) for name in ("ada", "ben")]
for each in customers:
    each.start()
for each in customers:
    each.join()
print(Cart.items)
