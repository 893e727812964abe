"""The exceptions a tools file may meet."""


class ToolsError(Exception):
    """Something in a tools file cannot be used: `message` says what, `hint` what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message


class CannotAsk(Exception):  # noqa: N818  # as CallTimedOut, it says what happened
    """A question of a call that cannot be put to its caller, or has no answer: why, as words.

    A function may catch it and go on without the answer.
    """


class CallTimedOut(BaseException):
    """Raised inside a call that is past its deadline, between two of its Python instructions.

    The call has been answered already; what it returns is dropped. Like `KeyboardInterrupt` it is
    no `Exception`, so that `except Exception` in a tool does not keep a late call alive.
    """


class CallCancelled(BaseException):
    """Raised inside a call that nobody waits for any more, as `CallTimedOut` is."""
