"""Shoot: a take from words, with sketches (a storyboard's animatic) and pictures at chosen times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Unpack

from playreel.errors import InputError
from playreel.film.duration import frame_at, resolve_seconds
from playreel.film.fit import frame_size, picture_clip, sketch_clip
from playreel.film.gap import GapPlan, Progress, fill_gap
from playreel.film.result import Making, Part, assemble
from playreel.film.sampling import Choices, Sampling
from playreel.film.script import write_script

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from playreel.core import FilmModel
    from playreel.media import Clip


def shoot(
    model: FilmModel,
    prompt: str | None = None,
    *,
    seconds: float = 2.0,
    camera: str | None = None,
    size: str = "16:9",
    sketches: Mapping[float, Any] | None = None,
    keyframes: Mapping[float, Any] | None = None,
    callback: Progress | None = None,
    **choices: Unpack[Choices],
) -> Clip:
    """Shoot a take.

    Args:
        model: the network.
        prompt: what to show, with timed brackets where wanted (see `playreel.film.prompt`).
        seconds: length; snapped to whole frames at 12 a second.
        camera: a camera move such as "pan right" or 镜头右移.
        size: aspect ratio, "16:9", "9:16" or "1:1".
        sketches: time in seconds -> hand drawing (path, PIL image, array or Clip) of that moment.
        keyframes: time in seconds -> picture, which that frame of the take is, pixel for pixel once it
            is fitted.
        callback: told of frames done and frames in all; may raise to stop.
        **choices: see `playreel.film.sampling.Choices`.

    Raises:
        PromptError: an empty prompt without sketches or pictures, or a malformed one.
        InputError: another option is out of range, or two things are asked of one frame.
    """
    sampling = Sampling(**choices)
    length = resolve_seconds(seconds)
    hw = frame_size(size)
    script = write_script(
        prompt,
        length.num_frames,
        camera=camera,
        required_by=None if sketches or keyframes else "a shoot",
    )
    placed = _Placed(num_frames=length.num_frames)
    drawings = placed.put("sketch", sketches, lambda page: sketch_clip(page, hw))
    pictures = placed.put("key frame", keyframes, lambda picture: picture_clip(picture, hw))
    plan = GapPlan(
        size=hw,
        texts=script.texts,
        sketches={index: clip.frames[0, :, :, 0] for index, (_, clip) in drawings.items()},
        pictures={index: clip.frames[0] for index, (_, clip) in pictures.items()},
    )
    made = fill_gap(model, plan, sampling, callback)
    drawn, shown = _hashes(drawings), _hashes(pictures)
    resolved = {"num_frames": length.num_frames, "snapped": length.snapped, **script.resolved()}
    if drawings:
        resolved["sketch_frames"] = sorted(drawings)
    options = {
        **script.options(), "seconds": float(seconds), "size": size, "sketches": drawn,
    }  # fmt: skip
    if shown:
        options["keyframes"] = shown
    making = Making(
        operation="shoot",
        options=options,
        resolved=resolved,
        # Kept frames name their parents by place, so none of those may be left out.
        parents=(*shown.values(), *dict.fromkeys(drawn.values())),
    )
    return assemble(model, _parts(made, sorted(pictures)), making, sampling)


def _parts(frames: NDArray[np.uint8], kept: list[int]) -> list[Part]:
    """The take cut at the frames that were given."""
    parts, cursor = [], 0
    for index in kept:
        parts += [
            Part(frames=frames[cursor:index]),
            Part(frames=frames[index : index + 1], kept=True),
        ]
        cursor = index + 1
    return [*parts, Part(frames=frames[cursor:])]


def _hashes(placed: dict[int, tuple[float, Clip]]) -> dict[str, str]:
    return {repr(time_s): clip.content_hash for _, (time_s, clip) in sorted(placed.items())}


class _Placed:
    """What is asked of single frames.

    Args:
        num_frames: of the take.
    """

    def __init__(self, num_frames: int) -> None:
        self._num_frames = num_frames
        self._taken: dict[int, str] = {}

    def put(
        self, what: str, given: Mapping[float, Any] | None, read: Callable[[Any], Clip]
    ) -> dict[int, tuple[float, Clip]]:
        """Frame -> (time, picture).

        Raises:
            InputError: a time outside the take, or two things on one frame.
        """
        placed: dict[int, tuple[float, Clip]] = {}
        for time_s, source in (given or {}).items():
            index = frame_at(time_s, self._num_frames, what=f"{what} time")
            name = f"the {what} at {float(time_s):g} s"
            if index in self._taken:
                raise InputError(
                    f"{self._taken[index].capitalize()} and {name} fall on the same frame, {index}. "
                    "Set them at least a twelfth of a second apart."
                )
            self._taken[index] = name
            placed[index] = float(time_s), read(source)
        return placed
