"""A thread tells the event loop what to write, by both of the ways there are."""

import asyncio


class Monitor:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.readings = 0
        self.last: dict[str, int] = {}

    def count(self) -> None:
        self.readings += 1

    async def remember(self, reading: dict[str, int]) -> int:
        self.last = reading
        self.readings += 1
        return self.readings

    def read_sensor(self) -> None:
        for number in range(10):
            self.loop.call_soon_threadsafe(self.count)
            reading = {"number": number}
            asyncio.run_coroutine_threadsafe(self.remember(reading), self.loop).result(5)

    async def poll(self) -> None:
        for _ in range(10):
            self.readings += 1
            await asyncio.sleep(0)


async def main() -> None:
    monitor = Monitor(asyncio.get_running_loop())
    await asyncio.gather(asyncio.to_thread(monitor.read_sensor), monitor.poll())
    assert monitor.readings == 30
    assert monitor.last == {"number": 9}


asyncio.run(main())
