"""A thread writes to what belongs to the event loop."""

import asyncio
import threading


class Monitor:
    def __init__(self) -> None:
        self.readings = 0

    def read_sensor(self) -> None:
        for _ in range(30):
            self.readings += 1

    async def poll(self) -> None:
        for _ in range(30):
            self.readings += 1
            await asyncio.sleep(0)


async def main() -> None:
    monitor = Monitor()
    thread = threading.Thread(target=monitor.read_sensor)
    thread.start()
    await monitor.poll()
    thread.join()
    print(monitor.readings)


asyncio.run(main())
