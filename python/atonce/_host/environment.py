"""Makes the user's packages and atonce's own importable, and picks the pydantic to use.

Called once, before anything else of the host is imported; so this module imports nothing heavy.
"""

import site
import sys
from types import ModuleType

# What pydantic brings along; a broken pydantic is replaced together with its company.
_FAMILY = ("pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection")
_OLDEST = (2, 11)


def prepare(user_site: list[str], own_site: list[str]) -> list[str]:
    """Appends the user's site-packages to `sys.path`, then atonce's own, and imports pydantic.

    `.pth` files, and with them editable installs, work in both. Returns warnings for people.
    Raises ImportError when neither the user's nor atonce's own pydantic can be imported.
    """
    add_packages([*user_site, *own_site])
    trouble = _import_pydantic()
    if not trouble:
        return []
    _forget(_FAMILY)
    _import_own_pydantic(own_site, trouble)
    return [
        f"the tools' environment has a pydantic that cannot be used here ({trouble}); "
        "atonce uses its own"
    ]


def add_packages(folders: list[str]) -> None:
    """Appends these site-packages folders to `sys.path`, in their order."""
    for folder in folders:
        # addsitedir appends, so a folder that was there already must not keep its early place.
        while folder in sys.path:
            sys.path.remove(folder)
        site.addsitedir(folder)


def _import_pydantic() -> str:
    """Imports pydantic; returns why it cannot be used, or nothing when all is well."""
    try:
        import pydantic
        import pydantic_core
    except Exception as error:  # a compiled part of another Python fails in many ways
        return f"{type(error).__name__}: {error}"
    return _age_trouble(pydantic) or _core_trouble(pydantic_core)


def _age_trouble(pydantic: ModuleType) -> str:
    version = str(getattr(pydantic, "VERSION", "0"))
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST:
        return f"version {version} is older than {'.'.join(map(str, _OLDEST))}"
    return ""


def _core_trouble(pydantic_core: ModuleType) -> str:
    # A namespace left behind by an uninstall imports well and holds nothing.
    return "" if hasattr(pydantic_core, "SchemaValidator") else "pydantic_core is empty"


def _import_own_pydantic(own_site: list[str], trouble: str) -> None:
    """Imports pydantic with atonce's own folders first, which are put back last afterwards."""
    before = list(sys.path)
    sys.path[:0] = own_site
    try:
        own_trouble = _import_pydantic()
    finally:
        sys.path[:] = before
    if own_trouble:
        raise ImportError(
            f"pydantic cannot be imported: the tools' environment: {trouble}; "
            f"atonce's own: {own_trouble}"
        )


def _forget(families: tuple[str, ...]) -> None:
    for name in list(sys.modules):
        if name.partition(".")[0] in families:
            del sys.modules[name]
