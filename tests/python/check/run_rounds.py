"""Makes one run as a child of `atonce check` does, without the detector: prints what came of it.

usage: run_rounds.py TOOLS ORDER_AS_JSON

For tests of rounds.py, which changes the process it runs in.
"""

import json
import sys
import types
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "python"), str(Path(__file__).parent)]

from atonce._host.load import load  # noqa: E402
from clock_model import ClockModel  # noqa: E402


class Recorder(ClockModel):
    """The native module, as far as a run asks it to do something, which is written down."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[list[Any]] = []

    def start(self, options: dict[str, Any]) -> None:
        self.said.append(["start", options])

    def stop(self) -> None:
        self.said.append(["stop"])

    def set_thread_label(self, label: str | None) -> None:
        self.said.append(["label", label])

    def take_findings(self) -> str:
        return '[{"kind": "lost_update"}]'


def main(path: str, order: str) -> None:
    native = Recorder()
    module = types.ModuleType("_atonce_race")
    vars(module).update({name: getattr(native, name) for name in dir(native) if name[0] != "_"})
    sys.modules["_atonce_race"] = module
    tools = load(path).tools

    from atonce._host.check import rounds

    answer = json.loads(rounds.run(tools, order))
    print(json.dumps({"answer": answer, "said": native.said}))


if __name__ == "__main__":
    main(*sys.argv[1:])
