"""A class whose methods do little but read and write attributes: carts in a warehouse."""

from two_threads import measure, scaled

STEPS = scaled(8_000) * 100


class Cart:
    def __init__(self, width: int) -> None:
        self.width = width
        self.x = 0
        self.y = 0
        self.speed = 1
        self.charge = 100
        self.driven = 0
        self.charged = 0

    def drive(self) -> None:
        self.x += self.speed
        if self.x >= self.width:
            self.x -= self.width
            self.y += 1
        self.driven += self.speed
        self.charge -= 1

    def look_after_itself(self) -> None:
        if self.charge == 0:
            self.charge = 100
            self.charged = self.charged + 1
        self.speed = 1 if self.charge < 50 else 2


def work() -> Cart:
    cart = Cart(width=1000)
    for _ in range(STEPS):
        cart.drive()
        cart.look_after_itself()
    return cart


if __name__ == "__main__":
    for cart in measure(work, work):
        assert cart.driven == cart.y * cart.width + cart.x and cart.charged == STEPS // 100
