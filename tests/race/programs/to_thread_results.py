"""Coroutines hand work to threads, and count themselves what comes back: they share one thread."""

import asyncio


class Converter:
    def __init__(self) -> None:
        self.done = 0
        self.names: list[str] = []

    @staticmethod
    def convert(names: list[str]) -> list[str]:
        return [name.replace(".wav", ".mp3") for name in names]

    async def add(self, names: list[str]) -> None:
        converted = await asyncio.to_thread(self.convert, names)
        self.done += len(converted)
        self.names.extend(converted)


async def main() -> None:
    converter = Converter()
    names = [f"track{number}.wav" for number in range(30)]
    await asyncio.gather(converter.add(names[:15]), converter.add(names[15:]))
    assert converter.done == len(converter.names) == 30


asyncio.run(main())
