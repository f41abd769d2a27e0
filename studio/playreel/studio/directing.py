"""What `Studio` has of directing: verbs that are made of other verbs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from playreel.errors import EngineRefusedError, InputError, RecipeError
from playreel.film.casting import held_by
from playreel.film.character import Character
from playreel.media import Clip
from playreel.studio.options import seed_or_new

if TYPE_CHECKING:
    from playreel.studio.facade import ClipLike, Studio

MAX_STARTS = 12
WIDE = ("", "ELS", "LS", "FS", "MLS")  # shots that show a hero as large as another does
_FIELDS = ("description", "seconds", "size", "camera")


@dataclass(frozen=True, kw_only=True)
class _Planned:
    """A shot of a sequence, checked: prompt and size of the shot, as the board has it."""

    description: str
    prompt: str
    seconds: float
    size: str
    camera: str | None


class Directing:
    """The part of `playreel.Studio` that makes several takes at once."""

    def transition(
        self,
        first: str,
        last: str,
        *,
        seconds: float = 4.0,
        size: str = "16:9",
        camera: str | None = None,
        seed: int | None = None,
        **joining: Any,
    ) -> Clip:
        """A take in which one thing becomes another: both are shot, and bridged.

        Args:
            first: what it begins with.
            last: what it ends with.
            seconds: length of all of it; a third each.
            size: as for `playreel.Studio.shoot`.
            camera: a camera move for all of it.
            seed: the same seed gives the same take; None draws one.
            **joining: see `playreel.studio.options.Joining`.
        """
        studio, number = cast("Studio", self), seed_or_new(seed)
        third = third_of(seconds)
        blend = {"blend": joining.pop("blend")} if "blend" in joining else {}
        shared = {"seconds": third, "camera": camera, **joining}
        ends = [
            studio.shoot(prompt, size=size, seed=number + index, **shared)
            for index, prompt in enumerate((first, last))
        ]
        is_bundled = (joining.get("engine") or studio.engine_name) == "bundled"
        told = None if is_bundled else f"{first}, turning into {last}"
        return studio.bridge(*ends, prompt=told, seed=number, **shared, **blend)

    def starts(
        self,
        clip: ClipLike,
        *,
        count: int = 3,
        prompts: Sequence[str] | None = None,
        seconds: float = 2.0,
        seed: int | None = None,
        **joining: Any,
    ) -> tuple[Clip, ...]:
        """Several ways to the same ending: a clip extended backward once for each.

        Args:
            clip: the ending; it stays pixel for pixel in all of them.
            count: how many, where no prompts are given.
            prompts: what leads up to it, one for each.
            seconds: how much is added.
            seed: the same seed gives the same takes; None draws one.
            **joining: see `playreel.studio.options.Joining`.
        """
        studio, number = cast("Studio", self), seed_or_new(seed)
        told = prompts_of_starts(count, prompts)
        ending = studio.open(clip)  # once: "last" is another take after the first start
        return tuple(
            studio.extend(
                ending,
                seconds=seconds,
                direction="backward",
                prompt=prompt,
                seed=number + index,
                **joining,
            )
            for index, prompt in enumerate(told)
        )

    def finish(self, take: ClipLike) -> Clip:
        """A draft made whole: by the same recipe and seed, with all its steps and at its full size.

        Raises:
            RecipeError: the take is no draft, or cannot be made again.
        """
        studio = cast("Studio", self)
        recipe = studio.open(take).recipe
        if recipe is None or not recipe.options.get("draft"):
            raise RecipeError(
                "This take is no draft. Make one with draft=True (--draft), look at it, then finish it."
            )
        options = {key: value for key, value in recipe.options.items() if key != "draft"}
        return studio.keep(studio.replay(recipe.with_(options=options)))

    def sequence(
        self,
        shots: Sequence[Mapping[str, Any]],
        *,
        character: Character | None = None,
        size: str = "16:9",
        on_board: bool = True,
        uids: Sequence[str] | None = None,
        seed: int | None = None,
        **sampling: Any,
    ) -> tuple[Clip, ...]:
        """Several shots in one go, with the same character in each.

        All of them are looked at before the first is made. The character's words lead every prompt; its
        pictures are given to an engine that takes them, and elsewhere each shot starts from the picture.

        Args:
            shots: for each ``description``, and where wanted ``seconds`` (2), ``size`` of the shot (such as
                ``"CU"``) and ``camera``.
            character: who is in all of them.
            size: as for `playreel.Studio.shoot`.
            on_board: put them on the board, in their order.
            uids: their names on the board, one for each; a shot whose name is there already is not put there
                again, so that a job that is begun anew doubles none. By default new names.
            seed: the same seed gives the same shots; None draws one.
            **sampling: see `playreel.studio.options.Sampling`.

        Raises:
            InputError: no shots, or one that cannot be made, by its number.
            EngineRefusedError: the engine cannot hold on to the character; says which can.
        """
        studio, number = cast("Studio", self), seed_or_new(seed)
        planned = _planned(shots, character)
        names = _names(uids, len(planned))
        shown = _references(studio, character, sampling.get("engine") or studio.engine_name)
        takes = []
        for index, shot in enumerate(planned):
            options = {**sampling, "seed": number + index}
            made = _made(studio, shot, shown, size, options)
            takes.append(made)
            if on_board:
                studio.board.add(
                    made, size=shot.size, description=shot.description, uid=names[index]
                )
        return tuple(takes)

    def check_sequence(
        self, shots: Sequence[Mapping[str, Any]], character: Character | None = None
    ) -> None:
        """Looks at the shots of a sequence and makes none of them.

        Args:
            shots: as for `sequence`.
            character: as for `sequence`.

        Raises:
            InputError: no shots, or one that cannot be made, by its number.
        """
        _planned(shots, character)


def third_of(seconds: Any) -> float:
    """Seconds of each part of a transition that lasts ``seconds``.

    Raises:
        InputError: no usable number of seconds.
    """
    from playreel.film.duration import resolve_seconds

    return resolve_seconds(seconds).asked_s / 3


def prompts_of_starts(count: Any, prompts: Sequence[str] | None) -> list[str | None]:
    """What leads up to a clip in each of its starts, None for its own words.

    Raises:
        InputError: no usable number of them.
    """
    if prompts is None and (isinstance(count, bool) or not isinstance(count, int)):
        raise InputError(f"count must be a whole number from 1 to {MAX_STARTS}, got {count!r:.40}.")
    number = count if prompts is None else len(prompts)
    if not 1 <= number <= MAX_STARTS:
        raise InputError(f"Ask for 1 to {MAX_STARTS} starts, not {number}.")
    return [None] * number if prompts is None else list(prompts)


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """A character's pictures, and how they come into a shot: ``beside``, ``held`` or ``start``."""

    stills: tuple[Clip, ...]
    way: str


def _planned(shots: Sequence[Mapping[str, Any]], character: Character | None) -> list[_Planned]:
    planned = [_checked(index, shot, character) for index, shot in enumerate(shots, 1)]
    if not planned:
        raise InputError("A sequence has one shot at least.")
    return planned


def _names(uids: Sequence[str] | None, count: int) -> list[str | None]:
    from playreel.board.shot import checked_uid

    if uids is None:
        return [None] * count
    if isinstance(uids, str) or len(uids) != count or len(set(uids)) != count:
        raise InputError(f"uids are {count} different names, one for each shot, not {uids!r:.80}.")
    return [checked_uid(uid) for uid in uids]


def _checked(number: int, shot: Mapping[str, Any], character: Character | None) -> _Planned:
    from playreel.board.vocabulary import SIZES
    from playreel.film.duration import resolve_seconds
    from playreel.film.lexicon import language_of
    from playreel.film.prompt import parse_prompt

    try:
        unknown = set(shot) - set(_FIELDS)
        if unknown:
            raise InputError(
                f"it has {', '.join(sorted(map(str, unknown)))}; a shot has {', '.join(_FIELDS)}."
            )
        description = shot.get("description", "")
        parse_prompt(description, required_by="a shot")
        seconds = resolve_seconds(shot.get("seconds", 2.0)).asked_s
        code = SIZES.code(shot.get("size") or "")
        camera = shot.get("camera") or None
        if camera is not None and not isinstance(camera, str):
            raise InputError(f"camera must be text such as 'pan right', got {camera!r:.60}.")
    except InputError as error:
        raise type(error)(f"Shot {number}: {error}") from None
    prompt = description if character is None else character.in_prompt(description)
    words = SIZES.text(code, language_of(prompt))
    return _Planned(
        description=description,
        prompt=f"{words}, {prompt}" if words else prompt,
        seconds=seconds,
        size=code,
        camera=camera,
    )


def _references(studio: Studio, character: Character | None, engine: str) -> _Shown | None:
    from playreel.film.engines import family_called
    from playreel.studio.engined import picture_of

    if character is None or not character.stills:
        return None
    family = family_called(engine)
    family.require("character")
    if len(character.stills) > 1 and not family.takes_references:
        raise EngineRefusedError(
            f"Engine {engine!r} holds on to one picture of a character, not {len(character.stills)}: each "
            f"shot starts from it. Give one. {family.takes_no_references()}"
        )
    stills = tuple(picture_of(studio, still) for still in character.stills)
    way = "beside" if family.takes_references else "held" if family.name == "bundled" else "start"
    return _Shown(stills=stills, way=way)


def _made(
    studio: Studio, shot: _Planned, shown: _Shown | None, size: str, options: dict[str, Any]
) -> Clip:
    told = {"seconds": shot.seconds, "camera": shot.camera, "size": size, **options}
    if shown is None:
        return studio.shoot(shot.prompt, **told)
    if shown.way == "beside":
        return studio.shoot(shot.prompt, references=shown.stills, **told)
    start: Clip = shown.stills[0]
    if shown.way == "held":
        held = held_by(studio.bundle.film, start, wide=shot.size in WIDE)
        start = studio.still(shot.prompt, size=size, **held, **options)
    return studio.animate(start, shot.prompt, **told)
