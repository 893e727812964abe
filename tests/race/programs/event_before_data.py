"""An event says that the data is there, and orders what was written before it."""

import threading


class Render:
    def __init__(self) -> None:
        self.pixels = 0
        self.frames = 0
        self.done = threading.Event()

    def draw(self) -> None:
        for _ in range(10):
            self.pixels += 640
            self.frames += 1
        self.done.set()


render = Render()


def show() -> None:
    render.done.wait()
    assert render.pixels // render.frames == 640


viewer = threading.Thread(target=show)
drawer = threading.Thread(target=render.draw)
viewer.start()
drawer.start()
viewer.join()
drawer.join()
