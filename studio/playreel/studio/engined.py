"""Verbs done by an engine other than the bundled one."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from playreel.errors import EngineMemoryError, EngineRefusedError, InputError, RecipeError
from playreel.media import Clip
from playreel.recipe import Recipe
from playreel.studio.drawn import with_paintings
from playreel.studio.options import seed_or_new
from playreel.studio.story import told

if TYPE_CHECKING:
    from playreel.film.engines import Engine
    from playreel.studio.facade import Studio
    from playreel.world import SteeredWorld

BUNDLED = "bundled"
CLIPS = ("clip", "first", "last")
PICTURES = ("picture", "image")
_NOT_ARGUMENTS = ("resolved", "measured", "keyframes", "lines", "region", "references")
_NUM_CLIPS = {"animate": 1, "extend": 1, "bridge": 2, "loop": 1, "restyle": 1, "inpaint": 1}

Verb = TypeVar("Verb", bound=Callable[..., Clip])


def by_engine(verb: Verb) -> Verb:
    """Lets a verb of `Studio` be done by the engine that the call or the studio names."""
    signature = inspect.signature(verb)

    @functools.wraps(verb)
    def done(studio: Studio, *args: Any, **options: Any) -> Clip:
        name = options.pop("engine", None) or studio.engine_name
        if name == BUNDLED:
            _refuse(options)
            return verb(studio, *args, **options)
        given = dict(signature.bind(studio, *args, **options).arguments)
        for word, parameter in signature.parameters.items():
            if parameter.kind is parameter.VAR_KEYWORD:
                given |= given.pop(word, {})
        del given["self"]
        return make(studio, name, verb.__name__, given)

    return cast("Verb", done)


class Engines:
    """What `playreel.studio.Studio` has of engines."""

    _engine_name: str
    _opened: tuple[str, Engine] | None = None

    @property
    def engine_name(self) -> str:
        """The engine that verbs are done by where they name none."""
        return self._engine_name

    def steer(
        self,
        start: Any,
        *,
        prompt: str | None = None,
        buttons: Mapping[str, Any] | None = None,
        seconds: float = 0.5,
        engine: str | None = None,
        seed: int | None = None,
        **sampling: Any,
    ) -> SteeredWorld:
        """A world played by words on any engine: each press makes a stretch of film.

        Every stretch is kept as a take the moment it is made; `SteeredWorld.capture` keeps the route.

        Args:
            start: a still or a clip, a take's name or a path.
            prompt: what the world shows; None takes the clip's own.
            buttons: name -> prompt, or `playreel.world.Button`; None takes those for moving and
                looking around.
            seconds: length of a press.
            engine: what plays it; None takes the studio's own engine.
            seed: another seed, another world; None draws one.
            **sampling: see `playreel.studio.options.Sampling`.
        """
        from playreel.studio.steering import steered

        return steered(
            cast("Studio", self), start, prompt=prompt, buttons=buttons, seconds=seconds,
            engine=engine or self.engine_name, seed=seed_or_new(seed), sampling=sampling,
        )  # fmt: skip

    def open_engine(self, name: str | os.PathLike[str], *, cards: int | None = None) -> Engine:
        """An engine other than the bundled one, loaded; the last one stays until another is asked for.

        Args:
            name: an engine (``"ltx"``), a model (``"ltx-2b"``), or the folder of a diffusers pipeline.
            cards: graphics cards that make each take together, 1 by default; see
                `playreel.film.engines.diffusion.open_diffusion`.

        Raises:
            InputError: nothing has that name.
            ModelMissingError: its weights are not here or not whole; says how to get them.
            EngineMemoryError: this machine has too little memory for it.
        """
        from playreel.film.engines import open_engine

        key = os.fspath(name)
        shared = {} if cards in (None, 1) else {"cards": cards}
        opened = self._opened
        if opened is None or (opened[0], _cards_of(opened[1])) != (key, cards or 1):
            self.close_engine()  # frees the memory before another takes it
            self._opened = key, open_engine(key, **shared)
        return self._opened[1]

    def close_engine(self) -> None:
        """Lets go of the engine that is open, with the processes that it has started."""
        if self._opened is not None:
            close = getattr(self._opened[1], "close", None)
            self._opened = None
            if close is not None:
                close()


def make(studio: Studio, name: str, verb: str, given: dict[str, Any]) -> Clip:
    """Does a verb by an engine, keeps what it starts from, and keeps the take.

    Raises:
        EngineRefusedError: the engine does not do it; says which do.
        InputError: an option that only the bundled model has.
    """
    from playreel.film.engines import family_called
    from playreel.film.engines.operations import ASKED_BY

    given = {word: value for word, value in given.items() if value is not None}
    family = family_called(name)
    family.require(_operation(verb, given))  # before the weights are looked for
    if given.get("cards", 1) != 1:
        family.require_sharing()
    draws = False
    for option, asked in ASKED_BY.items():
        if option in given and _is_asked(given[option]):
            family.require(asked)
            draws = True
        else:
            given.pop(option, None)
    if verb == "still" and "image" not in given:
        given.pop("strength", None)  # only of a picture
    if "hero" in given:
        raise InputError(
            "hero is an option of the bundled model; an engine that can takes references=(picture,)."
        )
    for option in ("temperature", "num_candidates"):
        if option in given:
            raise InputError(f"{option} is an option of the bundled model; engines have none.")
    engine = studio.open_engine(name, cards=given.pop("cards", None))
    for word in CLIPS:
        if word in given:
            clip = studio.keep(studio.open(given[word]))
            given[word] = told(clip, studio.project.media)
    for word in PICTURES:
        if word in given:
            given[word] = picture_of(studio, given[word])
    if given.get("references"):
        if not family.takes_references:
            raise family.takes_no_references()
        given["references"] = tuple(picture_of(studio, still) for still in given["references"])
    else:
        given.pop("references", None)
    if "region" in given:
        from playreel.film.region import region_clip

        given["region"] = studio.keep(region_clip(given["region"], given["clip"].size))
    if "keyframes" in given:
        pictures: Mapping[float, Any] = given["keyframes"]
        given["keyframes"] = {at: picture_of(studio, picture) for at, picture in pictures.items()}
    given["seed"] = seed_or_new(given.get("seed"))
    if draws:
        given = with_paintings(studio, family, engine, verb, given)
    try:
        return studio.keep(getattr(engine, verb)(**given, callback=studio.on_progress))
    except EngineMemoryError:
        studio._opened = None  # the next try opens it anew, more frugally
        raise


def replay_by_engine(studio: Studio, recipe: Recipe, parent: Callable[[str], Clip]) -> Clip:
    """Makes what an engine made again.

    Args:
        studio: opens the engine.
        recipe: of a verb that was done by an engine.
        parent: finds a clip by its content hash.

    Raises:
        RecipeError: the engine is not here, has other weights, or the recipe is not its own.
    """
    engine = _same_engine(studio, recipe)
    verb = getattr(engine, recipe.operation)
    from playreel.film.engines.call import Choices

    options = {k: v for k, v in recipe.options.items() if k not in _NOT_ARGUMENTS}
    known = set(inspect.signature(verb).parameters) | set(Choices.__annotations__)
    if set(options) - known:
        raise RecipeError(
            f"The recipe of {recipe.operation} has unknown options: "
            f"{', '.join(sorted(set(options) - known))[:200]}."
        )
    number = _NUM_CLIPS.get(recipe.operation, 0)
    if len(recipe.parents) < number:
        raise RecipeError(
            f"The recipe of {recipe.operation} names {len(recipe.parents)} parents, it needs {number}."
        )
    resolved = recipe.options.get("resolved")
    inherited = resolved.get("inherited") if isinstance(resolved, Mapping) else None
    words = [text for text in inherited or () if isinstance(text, str)]
    clips = []
    for index, name in enumerate(recipe.parents[:number]):
        text = words[index] if index < len(words) else ""
        prompt = Recipe(operation="told", options={"prompt": text}) if text else None
        clips.append(parent(name).with_recipe(prompt))
    if recipe.operation == "still" and recipe.parents:
        options["image"] = parent(recipe.parents[0])
    if recipe.operation == "inpaint" and len(recipe.parents) > 1:
        options["region"] = parent(recipe.parents[1])
    references = recipe.options.get("references")
    if isinstance(references, tuple):
        options["references"] = tuple(parent(name) for name in references)
    keyframes = recipe.options.get("keyframes")
    if isinstance(keyframes, Mapping):
        options["keyframes"] = {float(at): parent(name) for at, name in keyframes.items()}
    return verb(*clips, seed=recipe.seed or 0, **options)


def engine_name_of(studio: Studio, recipe: Recipe) -> str:
    """What the engine that made something is called here; it is open afterwards.

    Raises:
        RecipeError: it is not here, or has other weights.
    """
    _same_engine(studio, recipe)
    assert studio._opened is not None
    return studio._opened[0]


def _same_engine(studio: Studio, recipe: Recipe) -> Engine:
    opened = studio._opened
    resolved = recipe.options.get("resolved")
    cards = resolved.get("cards") if isinstance(resolved, Mapping) else None
    if opened is not None and opened[1].weights_hash == recipe.weights and recipe.weights:
        return studio.open_engine(opened[0], cards=cards)
    if not _is_named(recipe.engine):  # a stranger's recipe opens no folder
        raise RecipeError(
            f"This take was made by {recipe.engine[:80]!r}, weights in a folder of that name. Open "
            "them first with studio.open_engine('/path/to/folder'), then replay."
        )
    engine = studio.open_engine(recipe.engine, cards=cards)
    if engine.weights_hash != recipe.weights:
        raise RecipeError(
            f"This take was made with weights {recipe.weights[:12] or 'unknown'} of "
            f"{recipe.engine[:80]!r}; those here are {engine.weights_hash[:12]}."
        )
    return engine


def _is_named(engine: str) -> bool:
    """Whether an engine or a model of the table has that name, in fewer bits or not."""
    from playreel.film.engines import families
    from playreel.film.engines.variant import named

    try:
        name = named(engine)
    except InputError:
        return False
    cards = [card.name for family in families().values() for card in family.cards]
    return name.file is None and (name.model in cards or name.model in families())


def picture_of(studio: Studio, picture: Any) -> Clip:
    """A picture as a clip of one frame that the project keeps, with what it is about."""
    from playreel.media import load_image

    if isinstance(picture, str) and not Path(picture).suffix:
        picture = studio.open(picture)
    if isinstance(picture, Clip):
        recipe = told(studio.keep(picture), studio.project.media).recipe
        return studio.keep(Clip(picture.frames[:1])).with_recipe(recipe)
    return studio.keep(Clip(load_image(picture)[None]))


def _operation(verb: str, given: Mapping[str, Any]) -> str:
    """The operation that a call asks of an engine."""
    if verb == "extend":
        direction = given.get("direction", "forward")
        return f"extend-{direction}" if direction in ("forward", "backward") else "extend-forward"
    if verb == "shoot" and given.get("keyframes"):
        return "keyframes"
    draws = _is_asked(given.get("sketch"))
    return "restyle" if verb == "still" and ("image" in given or draws) else verb


def _is_asked(value: Any) -> bool:
    """Whether an option asks for anything; an array has no truth of its own."""
    return bool(value) if isinstance(value, bool | Mapping | tuple | list) else value is not None


def _cards_of(engine: Engine) -> int:
    """Graphics cards that make its takes together; an engine from elsewhere may say nothing of it."""
    return int(getattr(engine, "cards", 1))


def _refuse(options: dict[str, Any]) -> None:
    from playreel.film.engines import find_family

    if options.pop("cards", None) not in (None, 1):
        find_family(BUNDLED).require_sharing()
    if options.pop("cache", None):
        raise find_family(BUNDLED).no_cache()
    if options.pop("references", None):
        raise find_family(BUNDLED).takes_no_references()
    if options.pop("negative_prompt", None):
        raise EngineRefusedError(
            "The bundled model takes no negative_prompt. Say what is to be seen, or name an engine "
            "such as engine='ltx'."
        )
