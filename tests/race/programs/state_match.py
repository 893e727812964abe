"""A state machine asks for its state in a match statement, and goes on to the next."""

import threading


class Machine:
    def __init__(self) -> None:
        self.state = "idle"
        self.log: list[str] = []

    def advance(self) -> None:
        match self.state:
            case "idle":
                self.state = "warm"
            case "warm":
                self.state = "running"
            case "running":
                self.state = "idle"
                self.log.append("round")


machine = Machine()


def drive() -> None:
    for _ in range(30):
        machine.advance()


threads = [threading.Thread(target=drive) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
