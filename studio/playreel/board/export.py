"""From shots to a film file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TypedDict

import numpy as np

from playreel.board.animatic import animatic_cards
from playreel.board.framing import FramingKey, ReframedClip, find_keys, keys_from
from playreel.board.lineage import film_lineage
from playreel.board.lost import with_cards
from playreel.board.planned import PlannedClip, is_placeholder
from playreel.board.presets import ExportPreset, preset_for
from playreel.board.shot import Shot
from playreel.board.smart import encode_film, forget
from playreel.board.soundtrack import soundtrack
from playreel.board.stitch import Film, enlargement
from playreel.board.subtitles import Cue, caption_cards, cues_of, write_subtitles
from playreel.errors import InputError
from playreel.media.animation import write_gif
from playreel.media.atomic import replacing
from playreel.media.clip import Clip
from playreel.media.files import write_recipe
from playreel.media.fit import best_factor, enlarge
from playreel.media.label import aigc_tags, mark_card
from playreel.media.mux import mux_film
from playreel.media.overlay import Card
from playreel.media.provenance import Signer, can_sign, local_signer, sign_film
from playreel.media.verify import FilmFacts, verify_film
from playreel.media.write import Picture
from playreel.recipe import Recipe

_GIF_SIDE = 512
_BRIDGE_S = 1.0
CAPTIONS = ("off", "burn", "files", "both")

Bridger = Callable[[Clip, Clip, float], Clip]


class ExportOptions(TypedDict, total=False):
    """What an export may be told besides path and preset.

    Attributes:
        label: the visible mark that a model made this (default True); leaving it out is recorded.
        captions: dialogue ``"off"`` (default), ``"burn"``, as ``"files"`` (SRT and VTT), ``"both"``.
        music: a file that plays under the film.
        voice: speak dialogue and voice-over by espeak-ng as a scratch voice.
        sign: a signed C2PA account in the file; by default where the extra is installed. Leaving
            it out is recorded.
        signer: whose signature; by default this machine's own.
        cache: folder of encoded stretches, which are copied instead of encoded again.
        bridger: makes the frames between two takes, for shots with the transition ``bridge``; beside a
            card it is a hard cut.
        animatic: show each shot's number and plan, the description of shots that are not made yet,
            and what is said.
        reframe: fill the film's shape with a window that follows who moves, instead of framing the
            takes in black; a GIF becomes square. Keys of `Shot.framing` count where they are given.
        language: of an animatic's closed words, ``en`` or ``zh``.
    """

    label: bool
    captions: str
    music: str | os.PathLike[str] | None
    voice: bool
    sign: bool | None
    signer: Signer | None
    cache: Path | None
    bridger: Bridger | None
    animatic: bool
    reframe: bool
    language: str


def export_film(
    shots: Sequence[Shot],
    path: str | os.PathLike[str],
    *,
    preset: str | None = None,
    on_frame: Callable[[int, int], None] | None = None,
    label: bool = True,
    captions: str = "off",
    music: str | os.PathLike[str] | None = None,
    voice: bool = False,
    sign: bool | None = None,
    signer: Signer | None = None,
    cache: Path | None = None,
    bridger: Bridger | None = None,
    animatic: bool = False,
    reframe: bool = False,
    language: str = "en",
) -> Path:
    """Stitches shots and writes the film; see `Board.export` and `ExportOptions`.

    Where all takes have one size they are stitched at that size and ffmpeg enlarges each frame;
    where sizes differ, each frame is laid out at full size. Either way one frame is held at a time.
    """
    if not shots:
        raise InputError("The board is empty. Add a take with board.add(take).")
    if captions not in CAPTIONS:
        raise InputError(f"captions is one of {', '.join(CAPTIONS)}, not {captions!r}.")
    path = Path(path)
    shots = with_cards(shots)
    chosen = preset_for(path, preset, shots[0].take.size)
    if animatic:
        captions = "burn" if captions == "off" else captions
        shots = [_without_number(shot) for shot in shots]
    film, picture = _planned(shots, chosen, bridger, reframe)
    cues = cues_of(film, shots)
    size = chosen.size or _gif_size(film)
    cards = _cards(film, cues, chosen, size, label=label, captions=captions)
    if animatic:
        box = chosen.safe_box(size)
        cards += animatic_cards(film, shots, box, size, language=language)
    if chosen.size is not None and (sign or (sign is None and can_sign())):
        signer = signer or local_signer()
    else:
        signer = None
    recipe = _recipe(
        film,
        chosen,
        shots,
        {
            "label": "shown" if label else "declined",
            "signature": "C2PA" if signer else "declined" if sign is False else "none",
            "captions": captions,
            "voice": voice,
            "music": "" if music is None else Path(music).name,
            **({"animatic": True} if animatic else {}),
            **({"reframe": _views(film)} if reframe else {}),
        },
    )
    if chosen.size is None:
        _write_gif(path, film, cards, recipe)
    else:
        told = None if on_frame is None else (lambda done: on_frame(done, len(film)))
        tags = {"comment": recipe.to_json(), **aigc_tags(recipe, recipe.recipe_hash)}
        with (
            replacing(path) as whole,
            tempfile.TemporaryDirectory(prefix=".encoding-", dir=path.parent) as name,
        ):
            folder, length = Path(name), len(film) / film.fps
            audio = soundtrack(film, shots, folder, voice=voice, music=music)
            parts = encode_film(film, picture, cards, folder, cache=cache, on_frame=told)
            try:
                mux_film(parts, whole, film.fps, audio=audio, tags=tags)
            except OSError:
                if cache is None or len(parts) == 1:
                    raise
                forget(parts, cache)  # kept by another version of the encoder: all anew, once
                parts = encode_film(film, picture, cards, folder, cache=cache, on_frame=told)
                mux_film(parts, whole, film.fps, audio=audio, tags=tags)
            facts = FilmFacts(
                num_frames=len(film),
                fps=film.fps,
                size=size,
                tags=tags,
                sound_s=None if audio is None else length,
            )
            if signer is not None:
                sign_film(whole, signer, recipe, film.takes)
            verify_film(whole, facts)
    if captions in ("files", "both"):
        for suffix in (".srt", ".vtt"):
            write_subtitles(path.with_suffix(suffix), cues, film.fps)
    write_recipe(path, recipe)
    return path


def _without_number(shot: Shot) -> Shot:
    """A planned shot's card without its number: an animatic writes what it is to show there."""
    if not isinstance(shot.take, PlannedClip):
        return shot
    return replace(shot, take=PlannedClip("", shot.take.duration_s, shot.take.size))


def planned_film(shots: Sequence[Shot], path: Path, preset: str | None) -> Film:
    """The film that an export would write, bridges left out: its length, and whether it can be.

    Raises:
        InputError: no shots, an unknown preset, or transitions that overlap.
    """
    shots = [*with_cards(shots[:1], tell=False), *with_cards(shots[1:], whole=False, tell=False)]
    if not shots:
        raise InputError("The board is empty. Add a take with board.add(take).")
    size = shots[0].take.size
    return film_of(shots, fps=preset_for(path, preset, size).fps, size=size)


def film_of(
    shots: Sequence[Shot],
    *,
    fps: Fraction | float | str | None = None,
    size: tuple[int, int] | None = None,
) -> Film:
    """The shots' takes on a clock, bridges left out: their frames are made when a film is exported."""
    bridged = [index == 0 or shot.joint == "bridge" for index, shot in enumerate(shots)]
    fades = [0.0 if out else shot.fade_s for out, shot in zip(bridged, shots, strict=True)]
    return Film(
        [shot.take for shot in shots],
        fps=fps,
        fades_s=fades,
        size=size,
        joints=[shot.joint for shot in shots],
        uids=[shot.uid for shot in shots],
    )


def single_film(shot: Shot, preset: ExportPreset) -> tuple[Film, Picture]:
    """One shot as an export would show it, alone."""
    return _planned([replace(shot, fade_s=0.0, transition="")], preset, None)


def _views(film: Film) -> list[str]:
    return [str(getattr(take, "view", "")) for take in film.takes]


def _planned(
    shots: Sequence[Shot], preset: ExportPreset, bridger: Bridger | None, reframe: bool = False
) -> tuple[Film, Picture]:
    takes, fades, joints, uids = [], [], [], []
    for index, shot in enumerate(shots):
        fade, joint = (shot.fade_s, shot.joint) if index else (0.0, "cut")
        if joint == "bridge" and any(
            is_placeholder(other.take) for other in shots[index - 1 : index + 1]
        ):
            fade, joint = 0.0, "cut"  # nothing can be made from a card
        if joint == "bridge":
            if bridger is None:
                raise InputError(
                    f"Shot {shot.number} comes in by a generated bridge, which needs a model: "
                    "export with Studio.export, or choose another transition."
                )
            takes.append(bridger(shots[index - 1].take, shot.take, fade or _BRIDGE_S))
            fades.append(0.0)
            joints.append("cut")
            uids.append("")
            fade = 0.0
        takes.append(shot.take)
        fades.append(fade)
        joints.append(joint)
        uids.append(shot.uid)
    if reframe:
        framings = {shot.uid: shot.framing for shot in shots}
        size = preset.size or _square(takes[0])
        takes = [
            _reframed(take, size, framings.get(uid, ""))
            for take, uid in zip(takes, uids, strict=True)
        ]
        film = Film(takes, fps=preset.fps, fades_s=fades, size=size, joints=joints, uids=uids)
        return film, Picture(canvas=preset.size)
    native = takes[0].size
    same_size = len({take.size for take in takes}) == 1
    picture = Picture()
    size = native
    if preset.size is not None:
        factor = enlargement(native, preset.size) if same_size else 0
        if factor:
            picture = Picture(scale=factor, canvas=preset.size)
        elif same_size:
            picture = Picture(smooth=_smooth_size(native, preset.size), canvas=preset.size)
        else:
            picture = Picture(canvas=preset.size)
            size = preset.size
    film = Film(takes, fps=preset.fps, fades_s=fades, size=size, joints=joints, uids=uids)
    return film, picture


def _reframed(take: Clip, size: tuple[int, int], framing: str) -> Clip:
    height, width = take.size
    if not framing and abs(width * size[0] - height * size[1]) <= max(size):
        keys: tuple[FramingKey, ...] = ()  # the same shape: nothing to choose
    else:
        keys = keys_from(framing) or find_keys(take, size[1] / size[0])
    return ReframedClip(take, size, keys)


def _square(take: Clip) -> tuple[int, int]:
    side = min(take.size)
    side *= max(1, _GIF_SIDE // side)
    return min(side, _GIF_SIDE), min(side, _GIF_SIDE)


def _smooth_size(size: tuple[int, int], room: tuple[int, int]) -> tuple[int, int]:
    """The largest even (height, width) of that shape in the room."""
    ratio = min(Fraction(room[0], size[0]), Fraction(room[1], size[1]))
    height, width = (max(2, round(side * ratio / 2) * 2) for side in size)
    return min(height, room[0]), min(width, room[1])


def _cards(
    film: Film,
    cues: Sequence[Cue],
    preset: ExportPreset,
    size: tuple[int, int],
    *,
    label: bool,
    captions: str,
) -> list[Card]:
    box = preset.safe_box(size)
    cards = list(caption_cards(cues, box, size)) if captions in ("burn", "both") else []
    if label:
        cards.append(mark_card(size, film.fps, len(film), box.left, box.top))
    return cards


def _gif_size(film: Film) -> tuple[int, int]:
    factor = max(1, best_factor(film.size, (_GIF_SIDE, _GIF_SIDE)))
    return film.size[0] * factor, film.size[1] * factor


def _write_gif(path: Path, film: Film, cards: Sequence[Card], recipe: Recipe) -> None:
    size = _gif_size(film)
    factor = size[0] // film.size[0]
    if not cards:
        write_gif(path, film.clip().frames, film.fps, scale=factor, comment=recipe.to_json())
        return
    frames = np.empty((len(film), *size, 3), np.uint8)
    for index in range(len(film)):
        frames[index] = enlarge(film.frame(index), factor)
        for card in cards:
            if card.start <= index < card.stop:
                _lay(frames[index], card)
    write_gif(path, frames, film.fps, comment=recipe.to_json())


def _lay(frame: np.ndarray, card: Card) -> None:
    height = min(card.pixels.shape[0], frame.shape[0] - card.top)
    width = min(card.pixels.shape[1], frame.shape[1] - card.left)
    pixels = card.pixels[:height, :width]
    under = frame[card.top : card.top + height, card.left : card.left + width]
    alpha = pixels[..., 3:].astype(np.uint16)
    under[...] = (pixels[..., :3] * alpha + under * (255 - alpha) + 127) // 255


def _recipe(
    film: Film, preset: ExportPreset, shots: Sequence[Shot], asked: dict[str, object]
) -> Recipe:
    return Recipe(
        operation="export",
        options={
            "preset": preset.name,
            "num_frames": len(film),
            "fps": f"{film.fps.numerator}/{film.fps.denominator}",
            **asked,
            "shots": [
                {
                    "uid": shot.uid,
                    "size": shot.size,
                    "fade_s": shot.fade_s,
                    "transition": shot.joint,
                }
                for shot in shots
            ],
            **film_lineage(film),
        },
        engine="moviepy",
        parents=film.parents,
    )
