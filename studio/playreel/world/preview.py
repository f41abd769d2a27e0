"""Previews: what each button would do now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from playreel.errors import InputError
from playreel.media.clip import Clip
from playreel.world.capture import capture_recipe
from playreel.world.session import Step, frame_hash, step_seed

if TYPE_CHECKING:
    from playreel.world.world import World

MAX_FRAMES = 64


def preview(
    world: World,
    num_frames: int = 4,
    actions: Iterable[str] | None = None,
    go_on: Callable[[], bool] = lambda: True,
) -> dict[str, Clip]:
    """Holds each button from the cursor on, beside the session.

    The seeds are those a press would have, so a preview shows exactly what a press will do.

    Args:
        world: stays as it is.
        num_frames: how long each button is held, 1 to 64.
        actions: these buttons only.
        go_on: asked before each frame; when it says no, previews that are not whole are left out.

    Returns:
        Button name -> clip of ``num_frames`` frames.

    Raises:
        InputError: a number of frames out of range.
        UnknownActionError: no such button.
    """
    whole = isinstance(num_frames, int | np.integer) and not isinstance(num_frames, bool)
    if not whole or not 1 <= num_frames <= MAX_FRAMES:
        raise InputError(f"A preview takes 1 to {MAX_FRAMES} frames, not {num_frames!r}.")
    names = world.actions if actions is None else tuple(actions)
    chosen = [world.action_set.resolve(name) for name in names]
    with world._route.player.lock:
        node, depth = world.node, world.cursor
        state = world._route.player.state(node)
        path = [world.session[step] for step in world.session.path(node)[1:]]
    # States never change, so the rest needs no lock: the world can be played meanwhile.
    clips = {}
    for action, code in chosen:
        clip = _hold(world, action, code, state, path, node, depth, int(num_frames), go_on)
        if clip is None:
            break
        clips[action] = clip
    return clips


def _hold(
    world: World,
    action: str,
    code: int,
    state: object,
    path: list[Step],
    node: int,
    depth: int,
    num_frames: int,
    go_on: Callable[[], bool],
) -> Clip | None:
    frames = np.empty((num_frames, *world.size, 3), np.uint8)
    steps = list(path)
    for index in range(num_frames):
        if not go_on():
            return None
        seed = step_seed(world.seed, depth + index + 1)
        frames[index], state = world.model.advance(state, code, seed)
        # Steps of a preview have no node of their own; only button and seed reach the recipe.
        step = Step(node, action, code, seed, frame_hash(frames[index]), depth + index + 1)
        steps.append(step)
    recipe = capture_recipe(
        world.session.header,
        steps,
        start=depth + 1,
        stop=depth + 1 + num_frames,
        operation="preview",
    )
    frames.flags.writeable = False
    return Clip(frames, world.fps, recipe)
