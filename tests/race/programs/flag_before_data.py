"""A plain flag says that the data is there; nothing orders the two."""

import threading
import time


class Render:
    def __init__(self) -> None:
        self.pixels = 0
        self.frames = 0
        self.is_done = False

    def draw(self) -> None:
        for _ in range(10):
            self.pixels += 640
            self.frames += 1
        self.is_done = True


render = Render()


def show() -> None:
    while not render.is_done:
        time.sleep(0.001)
    print(render.pixels // render.frames)


viewer = threading.Thread(target=show)
drawer = threading.Thread(target=render.draw)
viewer.start()
drawer.start()
viewer.join()
drawer.join()
