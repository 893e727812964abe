"""`atonce check`, the Python half: rewriting of modules, their synchronisation, rounds of calls."""

from collections.abc import Iterable


def install(packages: Iterable[str] = ()) -> None:
    """Modules that are imported from now on are watched, if they are the program's own.

    Of other packages, those that are named.
    """
    import _atonce_race  # built into the program; absent elsewhere

    from atonce._host import modules

    from . import importer, sync_hooks

    sync_hooks.install(_atonce_race)
    finder = importer.install(_atonce_race, importer.own_code(packages))
    modules.make_loader = finder.make_loader
