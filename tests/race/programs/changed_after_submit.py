"""An order goes to the printer, and then gets one more line."""

from concurrent.futures import ThreadPoolExecutor


class Order:
    def __init__(self, customer: str) -> None:
        self.customer = customer
        self.lines: list[str] = []
        self.total = 0

    def add(self, article: str, price: int) -> None:
        self.lines.append(article)
        self.total += price


def print_order(order: Order) -> str:
    text = f"{order.customer} pays {order.total}"
    for line in order.lines:
        text += f"\n{line}"
    return text


with ThreadPoolExecutor(max_workers=1) as pool:
    order = Order("ada")
    order.add("lamp", 40)
    futures = []
    for number in range(10):
        futures.append(pool.submit(print_order, order))
        order.add(f"bulb{number}", 4)
    print(len(futures[-1].result()))
