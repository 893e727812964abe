"""fastmcp's client: calls the tools of tools.py and prints what it got, as JSON.

usage: fastmcp_client.py URL auto|legacy
       fastmcp_client.py '["PROGRAM", "ARGUMENT", ...]' auto|legacy      (over stdio)
"""

import asyncio
import json
import sys
from typing import Any

from fastmcp import Client
from fastmcp.client.transports import StdioTransport

PARTIES = 8


async def told(client: Client[Any], name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    result = await client.call_tool(name, arguments, raise_on_error=False)
    texts = [block.text for block in result.content if block.type == "text"]
    structured = result.structured_content
    return {"is_error": bool(result.is_error), "text": "".join(texts), "structured": structured}


async def progress_of(client: Client[Any]) -> list[list[Any]]:
    heard = []
    answers = []

    async def hear(done: float, total: float | None, message: str | None) -> None:
        heard.append([done, total, message])
        # Not here: the client may read nothing more until this is left.
        answers.append(asyncio.create_task(client.call_tool("go_on", {})))

    await client.call_tool("count", {"to": 3}, progress_handler=hear)
    await asyncio.gather(*answers)
    return heard


async def cancel(client: Client[Any]) -> dict[str, Any]:
    """Leaves a call that has begun, then asks how it ended."""
    has_begun = asyncio.Event()

    async def hear(_done: float, _total: float | None, _message: str | None) -> None:
        has_begun.set()

    call = asyncio.create_task(client.call_tool("hold", {}, progress_handler=hear))
    await has_begun.wait()
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    return await told(client, "how_hold_ended", {})


def server_at(target: str) -> str | StdioTransport:
    if not target.startswith("["):
        return target
    command, *arguments = json.loads(target)
    return StdioTransport(command, arguments)


async def main(target: str, mode: Any) -> dict[str, Any]:
    async with Client(server_at(target), mode=mode) as client:
        calls = [told(client, "meet", {"number": number}) for number in range(PARTIES)]
        return {
            "protocol": client.protocol_version,
            "tools": sorted(tool.name for tool in await client.list_tools()),
            "add": await told(client, "add", {"a": 1, "b": 2}),
            "error": await told(client, "divide", {"a": 1, "b": 0}),
            "bad_arguments": await told(client, "add", {"a": "one", "b": 2}),
            "progress": await progress_of(client),
            "parallel": list(await asyncio.gather(*calls)),
            "cancelled": await cancel(client),
        }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1], sys.argv[2]))))
