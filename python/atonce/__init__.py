"""What a tools file may use: the decorator, the context of a call, media results, and the errors.

This part is pure Python without dependencies and does nothing by itself, so a tools file that
imports it still runs under any ordinary Python from 3.9 on. The host's half is `atonce._host`.
"""

from atonce._context import Context
from atonce._errors import CallCancelled, CallTimedOut, ToolsError
from atonce._media import Image
from atonce._tool import tool

__all__ = ["CallCancelled", "CallTimedOut", "Context", "Image", "ToolsError", "tool"]
__version__ = "0.1.0"
