"""Registry: the engines that are installed. Built-in ones come in by the same door as others."""

from __future__ import annotations

import warnings
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

from playreel.errors import InputError, PlayreelWarning
from playreel.film.engines.family import Family

GROUP = "playreel.film.engines"
_TABLE = "playreel.film.engines.table"
BUILT_IN = tuple(
    EntryPoint(
        name=name, value=f"{_TABLE}:{name.upper().replace('-', '_').replace('.', '_')}", group=GROUP
    )
    for name in (
        "bundled",
        "ltx",
        "ltx-2",
        "wan",
        "wan-image",
        "wan-vace",
        "skyreels",
        "cogvideox",
        "hunyuan",
        "hunyuan-1.5",
        "framepack",
    )
)


@lru_cache(maxsize=1)
def families() -> dict[str, Family]:
    """Name -> family: the built-in ones, then those of installed packages.

    A package that cannot be loaded, or takes a name that is taken, is passed over with a warning.
    """
    found: dict[str, Family] = {}
    for point in (*BUILT_IN, *entry_points(group=GROUP)):
        try:
            family = point.load()
            if not isinstance(family, Family):
                raise InputError(f"{point.value} is a {type(family).__name__}, not a Family")
            if family.name in found:
                raise InputError(f"the name {family.name!r} is taken")
        except Exception as error:  # a foreign package may raise anything
            warnings.warn(
                f"Engine {point.name!r} ({point.value}) is passed over: {error}.",
                PlayreelWarning,
                stacklevel=2,
            )
            continue
        found[family.name] = family
    return found


def find_family(name: str) -> Family:
    """A family by its name.

    Raises:
        InputError: no engine has that name.
    """
    known = families()
    if name not in known:
        raise InputError(f"There is no engine {name!r:.40}. Use one of: {', '.join(known)}.")
    return known[name]


def engines_that_can(operation: str) -> list[str]:
    """Names of the engines that do an operation, those made for it first."""
    able = [family for family in families().values() if family.can(operation)]
    return [f.name for f in sorted(able, key=lambda f: f.abilities[operation].level != "native")]
