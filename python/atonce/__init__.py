"""What a tools file may use: decorators, the context of a call, content of results, and the errors.

This part is pure Python without dependencies and does nothing by itself, so a tools file that
imports it still runs under any ordinary Python from 3.9 on. The host's half is `atonce._host`.
"""

from atonce._asking import (
    Answers,
    Elicit,
    Elicited,
    ElicitUrl,
    Root,
    RootList,
    Roots,
    Sample,
    Sampled,
)
from atonce._content import EmbeddedResource, Message, ResourceLink, Text, ToolResult
from atonce._context import Context
from atonce._errors import CallCancelled, CallTimedOut, CannotAsk, ToolsError
from atonce._header import Header
from atonce._media import Audio, Image
from atonce._offers import complete, prompt, resource
from atonce._tool import tool

__all__ = [
    "Answers",
    "Audio",
    "CallCancelled",
    "CallTimedOut",
    "CannotAsk",
    "Context",
    "Elicit",
    "ElicitUrl",
    "Elicited",
    "EmbeddedResource",
    "Header",
    "Image",
    "Message",
    "ResourceLink",
    "Root",
    "RootList",
    "Roots",
    "Sample",
    "Sampled",
    "Text",
    "ToolResult",
    "ToolsError",
    "complete",
    "prompt",
    "resource",
    "tool",
]
__version__ = "0.1.0"
