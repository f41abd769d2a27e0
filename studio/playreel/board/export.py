"""From shots to a film file."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from playreel.board.presets import ExportPreset, preset_for
from playreel.board.shot import Shot
from playreel.board.stitch import Film, enlargement
from playreel.errors import InputError
from playreel.media.animation import write_gif
from playreel.media.files import write_recipe
from playreel.media.fit import best_factor
from playreel.media.write import write_video
from playreel.recipe import Recipe

_GIF_SIDE = 512


def export_film(
    shots: Sequence[Shot],
    path: str | os.PathLike[str],
    *,
    preset: str | None = None,
    on_frame: Callable[[int, int], None] | None = None,
) -> Path:
    """Stitches shots and writes the film; see `Board.export`.

    Where all takes have one size they are stitched at that size and ffmpeg enlarges each frame;
    where sizes differ, each frame is laid out at full size. Either way one frame is held at a time.
    """
    if not shots:
        raise InputError("The board is empty. Add a take with board.add(take).")
    path = Path(path)
    chosen = preset_for(path, preset, shots[0].take.size)
    takes = [shot.take for shot in shots]
    fades = [shot.fade_s if index else 0.0 for index, shot in enumerate(shots)]
    same_size = len({take.size for take in takes}) == 1
    native = takes[0].size
    if chosen.size is None:
        film = Film(takes, fps=chosen.fps, fades_s=fades, size=native)
        recipe = _recipe(film, chosen, shots)
        factor = max(1, best_factor(native, (_GIF_SIDE, _GIF_SIDE)))
        write_gif(path, film.clip().frames, film.fps, scale=factor, comment=recipe.to_json())
    else:
        factor = enlargement(native, chosen.size) if same_size else 0
        size = native if factor else chosen.size
        film = Film(takes, fps=chosen.fps, fades_s=fades, size=size)
        recipe = _recipe(film, chosen, shots)
        write_video(
            path,
            film.frame,
            film.fps,
            num_frames=len(film),
            scale=factor or 1,
            canvas=chosen.size,
            comment=recipe.to_json(),
            on_frame=None if on_frame is None else lambda done: on_frame(done, len(film)),
        )
    write_recipe(path, recipe)
    return path


def _recipe(film: Film, preset: ExportPreset, shots: Sequence[Shot]) -> Recipe:
    return Recipe(
        operation="export",
        options={
            "preset": preset.name,
            "num_frames": len(film),
            "fps": f"{film.fps.numerator}/{film.fps.denominator}",
            "shots": [
                {"uid": shot.uid, "size": shot.size, "fade_s": shot.fade_s} for shot in shots
            ],
        },
        engine="moviepy",
        parents=film.parents,
    )
