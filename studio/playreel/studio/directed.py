"""Directing that waits in a queue: which single verbs a verb made of others comes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from playreel.project import ProjectFolder
from playreel.studio.directing import prompts_of_starts, third_of
from playreel.studio.queued import TAKE

DIRECTED = ("transition", "starts", "sequence", "finish")
"""Verbs that do other verbs."""

_SCALE = 1000
_CLIPS = {"bridge": ("first", "last"), "animate": ("picture",)}
_OF_A_CLIP = ("animate", "extend", "bridge", "loop", "restyle", "inpaint")

Part = tuple[str, dict[str, Any]]  # a verb and its queued options


def parts_of(project: Path, verb: str, options: Mapping[str, Any]) -> list[Part]:
    """The verbs that a queued verb will do, with their options; loads no model."""
    shared = {name: options[name] for name in ("engine", "draft", "num_steps") if name in options}
    if verb == "transition":
        third = third_of(options.get("seconds", 4.0))
        shared |= {"seconds": third, "size": options.get("size")}
        return [("shoot", shared), ("shoot", shared), ("bridge", shared)]
    if verb == "starts":
        shared |= {"clip": options["clip"], "seconds": options.get("seconds", 2.0)}
        starts = prompts_of_starts(options.get("count", 3), options.get("prompts"))
        return [("extend", shared)] * len(starts)
    if verb == "finish":
        return [_finished(project, options["take"][TAKE])]
    character = options.get("character") or {}
    repainted = bool(character.get("stills")) and options.get("engine", "bundled") == "bundled"
    parts: list[Part] = []
    for shot in options["shots"]:
        sized = shared | {"size": options.get("size"), "seconds": shot.get("seconds", 2.0)}
        parts += [("still", sized)] if repainted else []
        parts.append(("shoot", sized))
    return parts


class PartsProgress:
    """Progress of one verb after another as progress of all of them.

    A verb begins where the count of steps does not go on; stills tell no steps.

    Args:
        tell: told of steps done and in all.
        parts: as `parts_of` gives them.
    """

    def __init__(self, tell: Callable[[int, int], None], parts: list[Part]) -> None:
        self._tell = tell
        self._count = max(1, sum(verb != "still" for verb, _ in parts))
        self._part, self._last = 0, -1

    def __call__(self, done: int, total: int) -> None:
        """Told by the verb under way."""
        if done <= self._last:
            self._part = min(self._part + 1, self._count - 1)
        self._last = done
        self._told(self._part + done / max(total, 1))

    def begin(self) -> None:
        """Nothing is done yet."""
        self._told(0)

    def end(self) -> None:
        """All is done."""
        self._told(self._count)

    def _told(self, parts: float) -> None:
        self._tell(round(_SCALE * parts), _SCALE * self._count)


def _finished(project: Path, take: str) -> Part:
    """What makes a draft whole: its own verb, without the saving."""
    media = ProjectFolder(project).media
    recipe = media.recipe(take)
    if recipe is None or recipe.operation not in ("still", "shoot", *_OF_A_CLIP):
        return "shoot", {}  # it is no draft, and the verb itself will say so
    options = {key: value for key, value in recipe.options.items() if key != "draft"}
    if recipe.operation in _OF_A_CLIP:
        names = _CLIPS.get(recipe.operation, ("clip",))
        options |= {
            name: {TAKE: parent} for name, parent in zip(names, recipe.parents, strict=False)
        }
    if recipe.engine and _is_an_engine(recipe.engine):
        options["engine"] = recipe.engine
    return recipe.operation, options


def _is_an_engine(name: str) -> bool:
    from playreel.film.engines import families

    known = families().values()
    return name in {f.name for f in known} | {card.name for f in known for card in f.cards}
