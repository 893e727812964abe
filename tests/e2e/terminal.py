"""A terminal of the program's own, and somebody who reads and types."""

import os
import pty
import select
import subprocess
import time
from types import TracebackType

from conftest import Program

PATIENCE = 60  # seconds; a bound on a hang, never a measure


class Terminal:
    """Runs the program on a terminal; its data goes there, too, or nowhere."""

    def __init__(self, atonce: Program, *arguments: object, shows_output: bool = True) -> None:
        self.fd, end = pty.openpty()
        self.shown = ""
        self.read_to = 0  # how much of `shown` expect() has passed
        self.child = subprocess.Popen(
            [str(Program.path), *map(str, arguments)],
            stdin=end,
            stdout=end if shows_output else subprocess.DEVNULL,
            stderr=end,
            env={**atonce.environment, "TERM": "xterm"},
            start_new_session=True,
            preexec_fn=take_terminal,
        )
        os.close(end)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        os.close(self.fd)

    def expect(self, text: str) -> str:
        """Waits until `text` is shown after what was expected before; gives all up to it."""
        until = time.monotonic() + PATIENCE
        while text not in self.shown[self.read_to :]:
            assert time.monotonic() < until, f"no {text!r} in:\n{self.shown}"
            assert self._read(), f"ended without {text!r}:\n{self.shown}"
        at = self.shown.index(text, self.read_to)
        passed = self.shown[self.read_to : at]
        self.read_to = at + len(text)
        return passed

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def end(self) -> int:
        """Reads to the end of the program; gives its exit code."""
        until = time.monotonic() + PATIENCE
        while self._read():
            assert time.monotonic() < until, f"no end after:\n{self.shown}"
        return self.child.wait(PATIENCE)

    def _read(self) -> bool:
        """False when the program has ended."""
        if not select.select([self.fd], [], [], 1)[0]:
            return True
        try:
            piece = os.read(self.fd, 4096)
        except OSError:  # the other end is closed
            return False
        self.shown += piece.decode(errors="replace")
        return bool(piece)


def take_terminal() -> None:
    """Makes standard input the controlling terminal, so that Ctrl-C reaches the program."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
