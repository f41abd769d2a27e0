"""Play states as bytes, so that a long session goes on without being played again.

What a world began with is not packed: it follows from its first frames. What is unpacked may be foreign:
sizes and types are checked, and nothing is executed.
"""

from __future__ import annotations

import zlib

import numpy as np
import torch
from torch import Tensor

from playreel.core.frames import to_frames, to_video
from playreel.core.stage import LAYERS, Stage, Thing
from playreel.core.things import SIDE, TRAIL
from playreel.core.world_model import PlayState
from playreel.errors import InputError

MAX_BYTES = 64 * 2**20
MAX_THINGS = 256


def pack(state: PlayState) -> bytes:
    """What of a state does not follow from its last two frames and the world's first ones."""
    from safetensors.numpy import save

    stage = state.stage
    crops = [crop for thing in stage.things for crop in (thing.pose, thing.before)]
    places = [[t.number, t.top, t.left, len(t.trail)] for t in stage.things]
    trails = np.zeros((len(stage.things), TRAIL, 2), np.int16)
    for row, thing in zip(trails, stage.things, strict=True):
        row[: len(thing.trail)] = np.array(thing.trail, np.int16).reshape(-1, 2)
    parts = {
        "backdrop": to_frames(stage.backdrop),
        "origin": stage.origin.cpu().numpy(),
        "depth": stage.depth.cpu().numpy(),
        "things": np.array(places, np.int16).reshape(-1, 4),
        "trails": trails,
        "away": np.array([thing.number for thing in stage.away], np.int16),
        "crops": _bytes(torch.stack(crops)) if crops else np.zeros((0, 4, SIDE, SIDE), np.uint8),
    }
    return zlib.compress(save(parts), 6)


def unpack(data: bytes, frames: np.ndarray, root: PlayState) -> PlayState:
    """The state again.

    Args:
        data: of `pack`.
        frames: uint8 (2, H, W, 3), its frames.
        root: the state that the world began with.

    Raises:
        InputError: damaged, or of another world.
    """
    from safetensors.numpy import load

    height, width = frames.shape[1:3]
    try:
        unzip = zlib.decompressobj()
        parts = load(unzip.decompress(data, MAX_BYTES))
        count = len(parts["things"])
        shapes = {
            "backdrop": ((1, height, width, 3), np.uint8),
            "origin": ((2, height, width), np.int16),
            "depth": ((LAYERS, height, width), np.float16),
            "things": ((count, 4), np.int16),
            "trails": ((count, TRAIL, 2), np.int16),
            "away": ((len(parts["away"]),), np.int16),
            "crops": ((2 * count, 4, SIDE, SIDE), np.uint8),
        }
        for name, (shape, kind) in shapes.items():
            if parts[name].shape != shape or parts[name].dtype != kind:
                raise ValueError(f"{name} is {parts[name].dtype} {parts[name].shape}, not {shape}")
        origin = parts["origin"]
        if (
            count + len(parts["away"]) > MAX_THINGS
            or (origin < -1).any()
            or (origin[0] >= height).any()
        ):
            raise ValueError("it holds places outside of the world")
        if (origin[1] >= width).any() or not np.isfinite(parts["depth"]).all():
            raise ValueError("it holds places outside of the world")
        device = root.stage.backdrop.device
        cast = {thing.number: thing for thing in root.stage.things}
        things = _things(parts, cast, device)
        away = tuple(cast[number] for number in parts["away"].tolist())
    except Exception as error:  # whatever damaged bytes make the readers raise
        raise InputError(f"A state kept with the session is damaged: {error}.") from None
    stage = Stage(
        backdrop=to_video(parts["backdrop"], device)[0],
        source=root.stage.source,
        origin=torch.from_numpy(origin).to(device),
        depth=torch.from_numpy(parts["depth"]).to(device),
        things=things,
        away=away,
    )
    return PlayState(frames, root.memory, stage)


def _things(
    parts: dict[str, np.ndarray], cast: dict[int, Thing], device: torch.device
) -> tuple[Thing, ...]:
    crops = torch.from_numpy(parts["crops"]).to(device).float()
    crops = torch.cat([crops[:, :3] / 127.5 - 1, (crops[:, 3:] > 0).float()], 1)
    rows = zip(parts["things"].tolist(), parts["trails"].tolist(), strict=True)
    return tuple(
        Thing(
            number=number,
            anchor=cast[number].anchor,
            pose=crops[2 * index],
            before=crops[2 * index + 1],
            top=top,
            left=left,
            home=cast[number].home,
            trail=tuple((down, right) for down, right in trail[:length]),
        )
        for index, ((number, top, left, length), trail) in enumerate(rows)
    )


def _bytes(crops: Tensor) -> np.ndarray:
    """(N, 4, S, S) -> uint8."""
    colours = ((crops[:, :3].clamp(-1, 1) + 1) * 127.5).round()
    return torch.cat([colours, crops[:, 3:] * 255], 1).byte().cpu().numpy()
