"""Coroutines hand work to threads, and the threads count."""

import asyncio
import threading


class Converter:
    def __init__(self) -> None:
        self.gate = threading.Barrier(2)
        self.done = 0

    def convert(self, names: list[str]) -> list[str]:
        self.gate.wait(timeout=5)
        converted = []
        for name in names:
            converted.append(name.replace(".wav", ".mp3"))
            self.done += 1
        return converted


async def main() -> None:
    converter = Converter()
    names = [f"track{number}.wav" for number in range(30)]
    await asyncio.gather(
        asyncio.to_thread(converter.convert, names[:15]),
        asyncio.to_thread(converter.convert, names[15:]),
    )
    print(converter.done)


asyncio.run(main())
