"""Whether a thread is inside an import."""

import sys
import threading
from pathlib import Path

import pytest
from atonce._host.importing import is_importing

LIMIT_SECONDS = 20  # for what must happen; a test that works never waits for it

SLOW = """
import threading
entered = threading.current_thread().entered
entered.set()
threading.current_thread().released.wait()
"""


class Importer(threading.Thread):
    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.entered = threading.Event()
        self.released = threading.Event()
        self.start()

    def run(self) -> None:
        import slow_for_test  # type: ignore[import-not-found]  # noqa: F401


def test_a_thread_that_imports_and_one_that_waits_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "slow_for_test.py").write_text(SLOW)
    monkeypatch.syspath_prepend(tmp_path)
    first = Importer()
    assert first.entered.wait(LIMIT_SECONDS)
    second = Importer()
    assert first.ident is not None and second.ident is not None
    while not is_importing(second.ident):
        assert second.is_alive()

    assert is_importing(first.ident)
    assert not is_importing(threading.get_ident())

    first.released.set()
    first.join(LIMIT_SECONDS)
    second.join(LIMIT_SECONDS)
    assert not is_importing(first.ident)
    assert not is_importing(second.ident)
    del sys.modules["slow_for_test"]
