"""Python's `mcp`, 1.x: calls the tools of tools.py and prints what it got, as JSON.

usage: mcp1.py URL legacy
       mcp1.py '["PROGRAM", "ARGUMENT", ...]' legacy      (over stdio)
"""

import asyncio
import json
import sys
from typing import Any

from mcp import ClientSession, StdioServerParameters, stdio_client, types
from mcp.client.streamable_http import streamable_http_client

PARTIES = 8


def told(result: types.CallToolResult) -> dict[str, Any]:
    texts = [block.text for block in result.content if isinstance(block, types.TextContent)]
    structured = result.structuredContent
    return {"is_error": bool(result.isError), "text": "".join(texts), "structured": structured}


async def progress_of(session: ClientSession) -> list[list[Any]]:
    heard = []
    answers = []

    async def hear(done: float, total: float | None, message: str | None) -> None:
        heard.append([done, total, message])
        # Not here: the client may read nothing more until this is left.
        answers.append(asyncio.create_task(session.call_tool("go_on", {})))

    await session.call_tool("count", {"to": 3}, progress_callback=hear)
    await asyncio.gather(*answers)
    return heard


async def cancel(session: ClientSession) -> dict[str, Any]:
    """Cancels a call that has begun, then asks how it ended."""
    has_begun = asyncio.Event()

    async def hear(_done: float, _total: float | None, _message: str | None) -> None:
        has_begun.set()

    number = session._request_id  # the next one's: this client has no other way to cancel
    call = asyncio.create_task(session.call_tool("hold", {}, progress_callback=hear))
    await has_begun.wait()
    params = types.CancelledNotificationParams(requestId=number)
    gone = types.CancelledNotification(method="notifications/cancelled", params=params)
    await session.send_notification(types.ClientNotification(gone))
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    return told(await session.call_tool("how_hold_ended", {}))


def server_at(target: str) -> Any:
    if not target.startswith("["):
        return streamable_http_client(target)
    command, *arguments = json.loads(target)
    return stdio_client(StdioServerParameters(command=command, args=arguments))


async def main(target: str) -> dict[str, Any]:
    async with (
        server_at(target) as (incoming, outgoing, *_session_id),
        ClientSession(incoming, outgoing) as session,
    ):
        hello = await session.initialize()
        calls = [session.call_tool("meet", {"number": number}) for number in range(PARTIES)]
        return {
            "protocol": hello.protocolVersion,
            "tools": sorted(tool.name for tool in (await session.list_tools()).tools),
            "add": told(await session.call_tool("add", {"a": 1, "b": 2})),
            "error": told(await session.call_tool("divide", {"a": 1, "b": 0})),
            "bad_arguments": told(await session.call_tool("add", {"a": "one", "b": 2})),
            "progress": await progress_of(session),
            "parallel": [told(one) for one in await asyncio.gather(*calls)],
            "cancelled": await cancel(session),
        }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1]))))
