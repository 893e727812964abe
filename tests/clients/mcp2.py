"""Python's `mcp`, 2.x: calls the tools of tools.py and prints what it got, as JSON.

usage: mcp2.py URL auto|legacy
       mcp2.py '["PROGRAM", "ARGUMENT", ...]' auto|legacy      (over stdio)
"""

import asyncio
import json
import sys
from typing import Any

from mcp import Client, StdioServerParameters
from mcp.types import TextContent

PARTIES = 8


def told(result: Any) -> dict[str, Any]:
    texts = [block.text for block in result.content if isinstance(block, TextContent)]
    structured = result.structured_content
    return {"is_error": bool(result.is_error), "text": "".join(texts), "structured": structured}


async def progress_of(client: Client) -> list[list[Any]]:
    heard = []
    answers = []

    async def hear(done: float, total: float | None, message: str | None) -> None:
        heard.append([done, total, message])
        # Not here: the client may read nothing more until this is left.
        answers.append(asyncio.create_task(client.call_tool("go_on", {})))

    await client.call_tool("count", {"to": 3}, progress_callback=hear)
    await asyncio.gather(*answers)
    return heard


async def cancel(client: Client) -> dict[str, Any]:
    """Leaves a call that has begun, then asks how it ended."""
    has_begun = asyncio.Event()

    async def hear(_done: float, _total: float | None, _message: str | None) -> None:
        has_begun.set()

    call = asyncio.create_task(client.call_tool("hold", {}, progress_callback=hear))
    await has_begun.wait()
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    return told(await client.call_tool("how_hold_ended", {}))


def server_at(target: str) -> str | StdioServerParameters:
    if not target.startswith("["):
        return target
    command, *arguments = json.loads(target)
    return StdioServerParameters(command=command, args=arguments)


async def main(target: str, mode: Any) -> dict[str, Any]:
    async with Client(server_at(target), mode=mode) as client:
        calls = [client.call_tool("meet", {"number": number}) for number in range(PARTIES)]
        return {
            "protocol": client.protocol_version,
            "tools": sorted(tool.name for tool in (await client.list_tools()).tools),
            "add": told(await client.call_tool("add", {"a": 1, "b": 2})),
            "error": told(await client.call_tool("divide", {"a": 1, "b": 0})),
            "bad_arguments": told(await client.call_tool("add", {"a": "one", "b": 2})),
            "progress": await progress_of(client),
            "parallel": [told(one) for one in await asyncio.gather(*calls)],
            "cancelled": await cancel(client),
        }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1], sys.argv[2]))))
