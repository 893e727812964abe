"""An order is complete when it goes to the printer, and is changed again when it came back."""

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
    order.add("postage", 3)
    return text


with ThreadPoolExecutor(max_workers=2) as pool:
    order = Order("ada")
    order.add("lamp", 40)
    for number in range(10):
        future = pool.submit(print_order, order)
        assert "lamp" in future.result()
        order.add(f"bulb{number}", 4)
assert order.total == 40 + 10 * 7
