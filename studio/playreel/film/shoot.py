"""Shoot: a take from words, with sketches at chosen times (a storyboard's animatic)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from playreel.errors import InputError
from playreel.film.duration import frame_at, resolve_seconds
from playreel.film.fit import frame_size, sketch_clip
from playreel.film.gap import GapPlan, Progress, fill_gap
from playreel.film.result import Making, Part, assemble
from playreel.film.sampling import Sampling
from playreel.film.script import write_script

if TYPE_CHECKING:
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
    seed: int = 0,
    num_steps: int = 12,
    guidance_scale: float = 2.0,
    temperature: float = 0.2,
    callback: Progress | None = None,
) -> Clip:
    """Shoot a take.

    Args:
        model: the network.
        prompt: what to show, with timed brackets where wanted (see `playreel.film.prompt`).
        seconds: length; snapped to whole frames at 12 a second.
        camera: a camera move such as "pan right" or 镜头右移.
        size: aspect ratio, "16:9", "9:16" or "1:1".
        sketches: time in seconds -> hand drawing (path, PIL image, array or Clip) of that moment.
        seed: same seed, same take.
        num_steps: rounds in which the tokens of a drawn frame are settled.
        guidance_scale: how far the prompt is followed.
        temperature: 1 draws as the model was trained, less is tamer.
        callback: told of frames done and frames in all; may raise to stop.

    Raises:
        PromptError: an empty prompt without sketches, or a malformed one.
        InputError: another option is out of range.
    """
    sampling = Sampling(
        seed=seed, num_steps=num_steps, guidance_scale=guidance_scale, temperature=temperature
    )
    length = resolve_seconds(seconds)
    hw = frame_size(size)
    script = write_script(
        prompt,
        length.num_frames,
        camera=camera,
        required_by=None if sketches else "a shoot",
    )
    drawings = _place(sketches or {}, length.num_frames, hw)
    plan = GapPlan(
        size=hw,
        texts=script.texts,
        sketches={index: clip.frames[0, :, :, 0] for index, (_, clip) in drawings.items()},
    )
    made = fill_gap(model, plan, sampling, callback)
    inputs = {repr(time_s): clip.content_hash for time_s, clip in drawings.values()}
    resolved = {"num_frames": length.num_frames, "snapped": length.snapped, **script.resolved()}
    if drawings:
        resolved["sketch_frames"] = sorted(drawings)
    making = Making(
        operation="shoot",
        options={
            **script.options(), "seconds": float(seconds), "size": size, "sketches": inputs,
        },
        resolved=resolved,
        parents=tuple(dict.fromkeys(inputs.values())),
    )  # fmt: skip
    return assemble(model, [Part(frames=made)], making, sampling)


def _place(
    sketches: Mapping[float, Any], num_frames: int, size: tuple[int, int]
) -> dict[int, tuple[float, Clip]]:
    """Frame -> (time, drawing).

    Raises:
        InputError: a time outside the take, or two drawings on one frame.
    """
    placed: dict[int, tuple[float, Clip]] = {}
    for time_s, sketch in sketches.items():
        index = frame_at(time_s, num_frames, what="sketch time")
        if index in placed:
            raise InputError(
                f"The sketches at {placed[index][0]:g} s and {float(time_s):g} s fall on the same "
                f"frame, {index}. Set them at least a twelfth of a second apart."
            )
        placed[index] = float(time_s), sketch_clip(sketch, size)
    return placed
