"""Planets as objects, pulling at each other."""

from itertools import combinations

from two_threads import measure, scaled

STEPS = scaled(120_000)


class Body:
    def __init__(self, mass: float, x: float, y: float, vx: float, vy: float) -> None:
        self.mass = mass
        self.x = x
        self.y = y
        self.vx = vx
        self.vy = vy


class System:
    def __init__(self) -> None:
        self.bodies = [
            Body(40.0, 0.0, 0.0, 0.0, 0.0),
            Body(0.03, 4.8, 0.0, 0.0, 2.8),
            Body(0.01, 0.0, 9.0, -2.0, 0.0),
            Body(0.002, -15.0, 0.0, 0.0, -1.6),
        ]
        self.pairs = list(combinations(self.bodies, 2))

    def advance(self, time: float) -> None:
        for one, other in self.pairs:
            dx = one.x - other.x
            dy = one.y - other.y
            pull = time / (dx * dx + dy * dy) ** 1.5
            one.vx -= dx * other.mass * pull
            one.vy -= dy * other.mass * pull
            other.vx += dx * one.mass * pull
            other.vy += dy * one.mass * pull
        for body in self.bodies:
            body.x += time * body.vx
            body.y += time * body.vy

    def momentum(self) -> float:
        return sum(body.mass * body.vy for body in self.bodies)


def work() -> tuple[float, float]:
    system = System()
    before = system.momentum()
    for _ in range(STEPS):
        system.advance(0.001)
    return before, system.momentum()


if __name__ == "__main__":
    for before, after in measure(work, work):
        assert abs(before - after) < 1e-9
