"""Training of the thing model: where the things of a frame are, and how they look in the next one."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from playreel.core import stage
from playreel.core.action_reader import ActionReader
from playreel.core.motion import MotionField, MotionModel, filled
from playreel.core.things import (
    SIDE,
    TRAIL,
    ThingModel,
    ThingModelConfig,
    drawing_loss,
    surroundings,
    votes_of,
)
from playreel.footage.platformer import FIRST_COIN, HERO, PlatformerWorld
from playreel.footage.policy import HeldButtonsPolicy
from playreel.training.schooling import Curriculum

CURRICULUM = Curriculum(schools={"narrow": 0.4, "world": 0.6})
_EPISODE = 20  # frames
_WINDOWS = 4  # of each episode
_DROPPED, _HIGHEST, _LOWEST = 0.5, -4, 6  # share of standing things put too low or high, and rows
_JITTER = 2  # pixels that a crop may lie off its thing


class ThingTask:
    """Learns from procedural footage, which knows its things.

    Args:
        lam: trained, frozen; reads the actions.
        motion: trained, frozen; its features show what moves by itself.
        curriculum: footage to learn from.
        start: weights to go on from.
        config: architecture.
        num_episodes: episodes a step, four windows each.
    """

    name = "things"
    lr = 2e-3
    ema_decay = 0.995

    def __init__(
        self,
        lam: ActionReader,
        motion: MotionModel,
        *,
        curriculum: Curriculum = CURRICULUM,
        start: ThingModel | None = None,
        config: ThingModelConfig | None = None,
        num_episodes: int = 4,
    ) -> None:
        self.lam, self.motion = lam, motion
        self.curriculum, self.num_episodes = curriculum, num_episodes
        self.model = start or ThingModel(config)
        self.modules = {"things": self.model}
        self.frozen = {"lam": lam, "motion": motion}

    # --- batches ---

    def batch(self, rng_seed: int) -> dict[str, np.ndarray]:
        """Windows uint8 (B, 4, H, W, 3) with masks of their things, and crops of some of the things.

        `mask` is bool (B, 2, H, W), for the second frame and the third. For the things, see `_followed`.
        """
        rng = np.random.default_rng(rng_seed)
        aspect = self.curriculum.draw_aspect(rng)
        windows, masks, followed = [], [], []
        for _ in range(self.num_episodes):
            frames, things = self._episode(rng, aspect)
            for start in rng.choice(_EPISODE - 3, _WINDOWS, replace=False):
                windows.append(frames[start : start + 4])
                masks.append([_mask(things[start + k], frames.shape[1:3]) for k in (1, 2)])
                followed += _followed(rng, frames, things, int(start), len(windows) - 1)
        out = {key: np.stack([one[key] for one in followed]) for key in followed[0]}
        return {"windows": np.stack(windows), "mask": np.array(masks), **out}

    def _episode(
        self, rng: np.random.Generator, aspect: str
    ) -> tuple[np.ndarray, list[dict[int, tuple]]]:
        """Frames, and for each what is where: number to (left, bottom row, bool (h, w))."""
        spec = self.curriculum.draw_episode(rng, aspect, 1).spec
        world = PlatformerWorld(replace(spec, camera="tracking", shots=()))
        policy = HeldButtonsPolicy(rng)
        for _ in range(int(rng.integers(0, 40))):
            world.advance(policy(world))
        frames, things = [], []
        for _ in range(_EPISODE):
            world.advance(policy(world))
            frames.append(world.render())
            things.append(_placed(world))
        return np.stack(frames), things

    # --- loss ---

    def loss(
        self, batch: dict[str, Tensor], step: int, num_steps_estimate: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Nats per pixel, of finding and of drawing."""
        video = batch["windows"].permute(0, 1, 4, 2, 3).float() / 127.5 - 1
        backward = bool(torch.rand(()) < 0.25)
        with torch.no_grad():
            actions = self.lam.read(video[:, 0], video[:, 1], video[:, 2]).clone()
            frames = (video[:, 3], video[:, 2]) if backward else (video[:, 0], video[:, 1])
            alone = torch.rand(len(video), 1, 1, 1, device=video.device) < 0.2
            before = torch.where(alone, frames[1], frames[0])
            field = self.motion(before, frames[1], actions, backward=backward)
        mask = batch["mask"][:, 1 if backward else 0, None].float()
        logits = self.model.find(field.features.detach())
        find = F.binary_cross_entropy_with_logits(logits, mask, reduction="none")
        find = (find * (1 + 3 * mask)).mean()
        with torch.no_grad():
            guess = (logits > 0).float()
            found = (guess * mask).sum() / torch.maximum(guess, mask).sum().clamp(min=1)
        # Ways that are not there: a thing that was taken.
        on = batch["valid"][:, 1 if backward else 0]
        batch = {
            key: value if key in ("windows", "mask") else value[on] for key, value in batch.items()
        }
        code = actions[batch["window"]]
        if backward:
            code = code + self.model.config.num_actions
        seen = [_frayed(crop) for crop in self._remembered(batch, backward)]
        stays = ~batch["gone"][:, 1 if backward else 0]
        draw, figures = self._draw(
            batch["crops"][stays], [crop[stays] for crop in seen], code[stays], backward
        )
        move, right = self._move(batch, seen[1], frames[1], field, code, backward)
        return draw + move + 10 * find, {"found": found.item(), "moved": right, **figures}

    def _remembered(self, batch: dict[str, Tensor], backward: bool) -> list[Tensor]:
        """(N, 4, S, S): what things are drawn from, their pose now, and that before."""
        crops = _colours(batch["crops"])
        now, before = (3, 4) if backward else (2, 1)
        anchor, pose, before_ = crops[:, 0], crops[:, now], crops[:, before]
        draw = torch.rand(2, len(pose), 1, 1, 1, device=pose.device)
        before_ = torch.where(draw[0] < 0.15, pose, before_)
        # A world may begin with the very frame that is looked at.
        return [torch.where(draw[1] < 0.2, pose, anchor), pose, before_]

    def _draw(
        self, crops: Tensor, seen: list[Tensor], code: Tensor, backward: bool
    ) -> tuple[Tensor, dict[str, float]]:
        anchor, pose, before = seen
        crops = _colours(crops)
        now, after = (3, 2) if backward else (2, 3)
        pointer, there = self.model(anchor, pose, before, code)
        held = torch.cat([pose[:, :3], crops[:, now, 3:]], 1)
        return drawing_loss(anchor, held, crops[:, after], pointer, there)

    def _move(
        self,
        batch: dict[str, Tensor],
        pose: Tensor,
        frames: Tensor,
        field: MotionField,
        code: Tensor,
        backward: bool,
    ) -> tuple[Tensor, float]:
        way = 1 if backward else 0
        around, votes, drops = [], [], []
        for index, (window, (top, left)) in enumerate(
            zip(batch["window"].tolist(), batch["place"][:, way].tolist(), strict=True)
        ):
            mine = pose[index, 3]
            drop = self._drop(batch, index, way)
            seen = surroundings(frames[window], mine, top, left)
            around.append(
                seen if not drop else _dropped(frames[window], pose[index], top, left, drop)
            )
            votes.append(votes_of(field, window, mine, top, left))
            drops.append(drop)
        trail = batch["trail"][:, way].float()
        off = torch.tensor(drops, device=trail.device)
        fell = (trail[:, 0, 0] > 0) | (torch.rand(len(off), device=off.device) < 0.5)
        trail[:, 0, 0] += off * fell  # it came there in its last step
        known = torch.randint(0, TRAIL + 1, (len(trail), 1, 1), device=trail.device)
        full = torch.rand(len(trail), 1, 1, device=trail.device) < 0.6
        steps = torch.arange(TRAIL, device=trail.device)[:, None]
        trail = torch.where((steps < known) | full, trail, 0.0)
        logits, lost = self.model.move(torch.stack(around), trail, torch.stack(votes), code)
        reach = self.model.config.max_shift
        shift = batch["shift"][:, way].clone()
        shift[:, 0] -= off
        shift = shift.clamp(-reach, reach) + reach
        gone = batch["gone"][:, way]
        loss = F.cross_entropy(logits.transpose(1, 2)[~gone], shift[~gone])
        rare = lost.new_tensor(4.0)
        loss = loss + F.binary_cross_entropy_with_logits(lost, gone.float(), pos_weight=rare)
        right = (logits.argmax(2) == shift).all(1) & (lost <= 0)
        return loss, torch.where(gone, lost > 0, right).float().mean().item()

    @staticmethod
    def _drop(batch: dict[str, Tensor], index: int, way: int) -> int:
        """Rows that a thing which stands or walks is put too low by (negative: too high), often none.

        A player's own small errors would add up otherwise, until its hero sinks into the ground.
        """
        stands = int(batch["shift"][index, way, 0]) == 0
        down, _, is_known = batch["trail"][index, way, 0].tolist()
        if not (stands and is_known and down >= 0) or torch.rand(()) > _DROPPED:
            return 0
        return int(torch.randint(_HIGHEST, _LOWEST + 1, ()))

    # --- looking ---

    def sample(self, dir: Path, step: int) -> None:
        """Things as they were remembered, are, should be next, and are drawn next."""
        torch.manual_seed(0)
        device = next(self.model.parameters()).device
        host = self.batch(7)
        batch = {key: torch.from_numpy(value).to(device) for key, value in host.items()}
        video = batch["windows"].permute(0, 1, 4, 2, 3).float() / 127.5 - 1
        actions = self.lam.read(video[:, 0], video[:, 1], video[:, 2])
        crops = _colours(batch["crops"])[:16]
        anchor, before, pose, target = crops[:, :4].unbind(1)
        drawn = self.model.next_pose(anchor, pose, before, actions[batch["window"]][:16])
        rows = [torch.cat(list(_on_grey(row)), 2) for row in (anchor, before, pose, target, drawn)]
        picture = torch.cat(rows, 1).permute(1, 2, 0).cpu().numpy()
        _save(dir / "things.png", picture, 4)
        field = self.motion(video[:, 0], video[:, 1], actions)
        found = torch.sigmoid(self.model.find(field.features))[:5, 0]
        found = (found[..., None] * 255).byte().cpu().numpy().repeat(3, -1)
        rows = [np.concatenate(list(row), 1) for row in (host["windows"][:5, 1], found)]
        _save(dir / "found.png", np.concatenate(rows), 2)

    def export(self, dir: Path) -> None:
        """`dir/things`."""
        from playreel.core.checkpoint import save_pretrained

        save_pretrained(self.model, dir / "things")


def _placed(world: PlatformerWorld) -> dict[int, tuple[int, int, np.ndarray]]:
    """Number of a thing to its left column, the row below it and its outline, in pixels of the frame."""
    height = world.spec.size[0]
    return {
        thing.number: (
            thing.left - world.tracking_x,
            height - thing.bottom,
            thing.stencil[0][..., 0] == 0,
        )
        for thing in world.things()
    }


def _mask(things: dict[int, tuple], size: tuple[int, int]) -> np.ndarray:
    """Bool (H, W): where any thing is."""
    out = np.zeros(size, bool)
    for left, bottom, outline in things.values():
        _stamp(out, left, bottom, outline)
    return out


def _stamp(out: np.ndarray, left: int, bottom: int, outline: np.ndarray) -> None:
    height, width = outline.shape
    top = bottom - height
    y0, x0 = max(top, 0), max(left, 0)
    y1, x1 = min(bottom, out.shape[0]), min(left + width, out.shape[1])
    if y0 < y1 and x0 < x1:
        out[y0:y1, x0:x1] |= outline[y0 - top : y1 - top, x0 - left : x1 - left]


def _followed(
    rng: np.random.Generator,
    frames: np.ndarray,
    things: list[dict[int, tuple]],
    start: int,
    window: int,
) -> list[dict[str, np.ndarray]]:
    """The hero, an enemy and a coin, where there are any, in the window of four frames from `start`.

    Each is a dict of `window` (as given), `crops` uint8 (5, S, S, 4), an anchor and the four frames; and for
    the way from the second frame to the third and back again: `valid` bool (2,), whether there is such a
    way; `gone` bool (2,), whether it is gone after it; `place` int (2, 2), row and column of the crop before;
    `shift` int (2, 2), down and right; `trail` int8 (2, TRAIL, 3), see `ThingModel.move`.
    """
    whole = [_whole(now, frames.shape[1:3]) for now in things]
    out = []
    for number in _picked(rng, things, whole, start):
        here = [at for at in range(len(frames)) if number in things[at]]
        rows, columns = things[start][number][2].shape
        # The same place about the thing in every frame, as if it had been found once and followed.
        right = SIDE // 2 - columns // 2 + int(rng.integers(-_JITTER, _JITTER + 1))
        foot = SIDE // 2 - rows // 2 + int(rng.integers(-_JITTER, _JITTER + 1)) + rows
        anchor = int(rng.choice([at for at in here if number in whole[at]]))
        crops = [
            _crop(frames[at], things[at][number], right, foot)
            if at in here
            else np.zeros((SIDE, SIDE, 4), np.uint8)
            for at in (anchor, *range(start, start + 4))
        ]
        x1, y1, _ = things[start + 1][number]
        stays = start + 2 in here
        x2, y2, _ = things[start + 2][number] if stays else (x1, y1, None)
        shift = np.array([y2 - y1, x2 - x1])
        out.append(
            {
                "window": np.array(window),
                "crops": np.stack(crops),
                "valid": np.array([True, stays and start + 3 in here]),
                "gone": np.array([not stays, False]),
                "place": np.array([[y1 - foot, x1 - right], [y2 - foot, x2 - right]]),
                "shift": np.stack([shift, -shift]),
                "trail": np.stack(
                    [
                        _trail(things, number, range(start + 1, -1, -1)),
                        _trail(things, number, range(start + 2, len(frames))),
                    ]
                ),
            }
        )
    return out


def _whole(things: dict[int, tuple], size: tuple[int, int]) -> set[int]:
    """Those that are all inside the frame."""
    height, width = size
    return {
        number
        for number, (left, bottom, outline) in things.items()
        if left >= 0 and left + outline.shape[1] <= width and outline.shape[0] <= bottom <= height
    }


def _picked(
    rng: np.random.Generator, things: list[dict[int, tuple]], whole: list[set[int]], start: int
) -> list[int]:
    """Numbers of the things to be followed; a coin that is about to be taken rather than another."""
    numbers = sorted(whole[start] & whole[start + 1])
    later = set(things[start + 2]) & set(things[start + 3])
    picked = []
    for kind in (range(HERO, HERO + 1), range(FIRST_COIN), range(FIRST_COIN, 10 * FIRST_COIN)):
        some = [n for n in numbers if n in kind]
        going = [n for n in some if n not in later]
        if some:
            picked.append(int(rng.choice(going or some)))
    return picked


def _trail(things: list[dict[int, tuple]], number: int, path: range) -> np.ndarray:
    out = np.zeros((TRAIL, 3), np.int8)
    for index, (after, before) in enumerate(pairwise(path)):
        if index == TRAIL or number not in things[after] or number not in things[before]:
            break
        (x1, y1, _), (x0, y0, _) = things[after][number], things[before][number]
        out[index] = (*np.clip((y1 - y0, x1 - x0), -8, 8), 1)
    return out


def _crop(frame: np.ndarray, thing: tuple, right: int, foot: int) -> np.ndarray:
    """uint8 (S, S, 4): the thing with its left column at `right` and standing on row `foot`."""
    left, bottom, outline = thing
    padded = np.pad(frame, ((SIDE, SIDE), (SIDE, SIDE), (0, 0)))
    top, column = bottom - foot + SIDE, left - right + SIDE
    where = np.zeros((SIDE, SIDE), bool)
    _stamp(where, right, foot, outline)
    colours = padded[top : top + SIDE, column : column + SIDE]
    return np.concatenate([colours, where[..., None].astype(np.uint8) * 255], -1)


def _dropped(frame: Tensor, pose: Tensor, top: int, left: int, rows: int) -> Tensor:
    """`surroundings` of a thing if it were so many rows lower in its frame (C, H, W)."""
    there = pose[3:]
    thing = stage.Thing(
        number=0, anchor=pose, pose=pose, before=pose, top=top, left=left, home=(top, left)
    )
    own = stage.with_rims((thing,), frame[None])
    bare = filled(frame[None], ~own, ~own)[0]
    seen = surroundings(bare, there[0], top + rows, left)
    margin = (seen.shape[1] - SIDE) // 2
    middle = slice(margin, margin + SIDE)
    seen[:3, middle, middle] = torch.where(there > 0, pose[:3], seen[:3, middle, middle])
    return seen


def _colours(crops: Tensor) -> Tensor:
    """uint8 (N, K, S, S, 4) -> (N, K, 4, S, S), colours in [-1, 1] and 1 where the thing is."""
    crops = crops.permute(0, 1, 4, 2, 3).float()
    return torch.cat([crops[:, :, :3] / 127.5 - 1, crops[:, :, 3:] / 255], 2)


def _frayed(crop: Tensor) -> Tensor:
    """The crop with an outline as badly found as the finder's own."""
    there = crop[:, 3:]
    noise = F.interpolate(torch.randn_like(there[..., ::2, ::2]), scale_factor=2, mode="bilinear")
    amount = torch.rand(len(crop), 1, 1, 1, device=crop.device) * 0.4
    soft = F.avg_pool2d(there, 3, 1, 1)
    frayed = (soft + noise * amount > 0.5).float()
    exact = torch.rand(len(crop), 1, 1, 1, device=crop.device) < 0.5
    return torch.cat([crop[:, :3], torch.where(exact, there, frayed)], 1)


def _on_grey(crops: Tensor) -> Tensor:
    return crops[:, :3] * crops[:, 3:] - 0.3 * (1 - crops[:, 3:])


def _save(file: Path, picture: np.ndarray, scale: int) -> None:
    if picture.dtype != np.uint8:
        picture = ((picture.clip(-1, 1) + 1) * 127.5).astype(np.uint8)
    Image.fromarray(picture.repeat(scale, 0).repeat(scale, 1)).save(file)
