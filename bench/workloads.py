"""Six benchmarks of the pyperformance suite as plain functions, for `atonce compare`.

Their code is that of the installed package `pyperformance`; here are only calls of a few
milliseconds, with fewer loops than the suite runs. What they share is theirs, too: nbody moves the
planets of one list, whoever calls.
"""

import importlib.util
import random
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["fannkuch", "float_math", "json_loads", "nbody", "regex_effbot", "spectral_norm"]


def _load(name: str) -> ModuleType:
    suite = importlib.util.find_spec("pyperformance")
    if suite is None or suite.origin is None:
        raise ModuleNotFoundError("No module named 'pyperformance'", name="pyperformance")
    folder = Path(suite.origin).parent / "data-files" / "benchmarks" / f"bm_{name}"
    spec = importlib.util.spec_from_file_location(f"bm_{name}", folder / "run_benchmark.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


_nbody = _load("nbody")
_spectral_norm = _load("spectral_norm")
_spectral_norm.DEFAULT_N = 30  # type: ignore[attr-defined]  # 130 takes a second
_fannkuch = _load("fannkuch")
_json_loads = _load("json_loads")
_float = _load("float")
_regex_effbot = _load("regex_effbot")


def nbody(steps: int = 500) -> float:
    """Moves five planets so many steps."""
    return float(_nbody.bench_nbody(1, "sun", steps))


def spectral_norm(loops: int = 1) -> float:
    """Multiplies a matrix that is computed as it goes."""
    return float(_spectral_norm.bench_spectral_norm(loops))


def fannkuch(n: int = 7) -> int:
    """Turns over the first of n pancakes, in every order that there is."""
    return int(_fannkuch.fannkuch(n))


def json_loads(loops: int = 10) -> None:
    """Reads the suite's JSON texts."""
    for _ in range(loops):
        _json_loads.bench_json_loads(_json_texts())


def float_math(points: int = 2_000) -> None:
    """Normalizes points and finds the largest of them."""
    _float.benchmark(points)


def regex_effbot(loops: int = 1) -> float:
    """Matches the suite's regular expressions."""
    return float(_regex_effbot.bench_regex_effbot(loops))


@cache
def _json_texts() -> tuple[Any, ...]:
    module = _json_loads
    chosen = random.Random(5)
    group = [module.mutate_dict(module.DICT, chosen) for _ in range(3)]
    dumps = module.json.dumps
    return dumps(module.DICT), dumps(module.TUPLE), dumps(group)
