"""Script: what is said of each frame that an operation makes, and where the words came from."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playreel.errors import PromptError
from playreel.film.camera import normalise_camera
from playreel.film.prompt import parse_prompt
from playreel.film.schedule import PromptSchedule, PromptWarning, TimedPrompt

if TYPE_CHECKING:
    from playreel.media import Clip


@dataclass(frozen=True, kw_only=True)
class Script:
    """A prompt laid over the frames to be made.

    Attributes:
        prompt: the prompt as used, in the grammar of `playreel.film.prompt`.
        camera: the camera move, normalised, or None.
        schedule: the prompt over the frames; time 0 is the first frame that is made.
        inherited: the clip's own prompt, taken because none was given; "" where it has none. None
            where a prompt was given or there is no clip.
    """

    prompt: str
    camera: str | None
    schedule: PromptSchedule
    inherited: str | None = None

    @property
    def texts(self) -> list[str]:
        """The text of each frame."""
        return self.schedule.texts()

    def options(self) -> dict[str, Any]:
        """What a recipe keeps as given."""
        return {
            "prompt": self.prompt if self.inherited is None else None,
            "camera": self.camera,
        }

    def resolved(self) -> dict[str, Any]:
        """What a recipe keeps as resolved: the schedule, notes and inherited prompts."""
        out: dict[str, Any] = {"schedule": self.schedule.rows()}
        if self.schedule.notes:
            out["notes"] = list(self.schedule.notes)
        if self.inherited is not None:
            out["inherited"] = [self.inherited]
        return out


def write_script(
    prompt: str | None,
    num_frames: int,
    *,
    camera: str | None = None,
    clip: Clip | None = None,
    required_by: str | None = None,
) -> Script:
    """Lay a prompt over ``num_frames`` frames.

    Args:
        prompt: a timed prompt; None takes the base text of ``clip``'s own recipe where it has one.
        num_frames: frames to be made.
        camera: a camera term, English or Chinese.
        clip: what is being extended, bridged or looped.
        required_by: the operation that cannot do without a prompt, if so.

    Raises:
        PromptError: malformed, unknown camera move, or empty though required.
    """
    parsed = parse_prompt(prompt, required_by=required_by)
    inherited = None
    if prompt is None and clip is not None:
        inherited = clip_text(clip)
        parsed = TimedPrompt(base=inherited)
    return Script(
        prompt=str(parsed),
        camera=normalise_camera(camera),
        schedule=parsed.schedule(num_frames, camera=camera),
        inherited=inherited,
    )


def clip_text(clip: Clip) -> str:
    """The base text of the prompt that made ``clip``, "" if its recipe tells none."""
    recipe = clip.recipe
    if recipe is None:
        return ""
    prompt = recipe.options.get("prompt")
    resolved = recipe.options.get("resolved")
    if prompt is None and hasattr(resolved, "get"):
        prompt = next(iter(resolved.get("inherited") or ()), None)
    if not isinstance(prompt, str):
        return ""
    with warnings.catch_warnings():  # a foreign recipe may hold anything
        warnings.simplefilter("ignore", PromptWarning)
        try:
            return parse_prompt(prompt).base
        except PromptError:
            return ""
