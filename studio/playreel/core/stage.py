"""Stage: the things of a frame, and the scenery behind them.

Shape legend: C colours, H x W pixels, S side of a thing's crop, N pixels or things.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F

from playreel.core.motion import (
    AGREE_COLOUR,
    MotionField,
    filled,
    likely_shifts,
    placed,
    smoothed,
)
from playreel.core.panorama import carried_on, origins
from playreel.core.things import NEVER, SIDE, TRAIL, ThingModel, surroundings, votes_of

LEAST_PIXELS, MOST_ACROSS = 14, 20  # of a thing
LEVELS = (0.0, 1.0, 2.0, 3.0)  # logits above which a pixel is taken for a thing's
GONE = 2.0  # logit; the rare was told apart with more weight than it has
SURE = 0.6  # mean chance of its pixels being a thing's
FEWEST_VOTES = 8  # pixels of a thing that say where it goes
LAYERS = 5  # of scenery, from the one that stands still to the fastest
NEAR_SHARE = 0.06  # of the pixels: less than that is no layer to go by
REMEMBERED, DOUBT = 0.95, -2.0  # of evidence each frame, and the least that one frame can say
_GROUND, _MOST_FRESH = 3, 9  # rows from the lower edge; columns that come into view at a time
_DOWN, _RIGHT = 4, 18  # how far around a hidden pixel to look for what moves as it does
MOST_LAYERS, LEAST_LAYER = 8, 0.003  # of the scenery, and share of the pixels in one


@dataclass(frozen=True, kw_only=True)
class Thing:
    """A thing, as remembered and as it is now. Never changed in place.

    Attributes:
        number: the same for as long as it is there.
        anchor: (4, S, S), what its poses are drawn from: colours in [-1, 1], and 1 where it is, else 0.
        pose: the same, now.
        before: the same, a frame earlier.
        top, left: where in the frame the crop lies.
        home: `top` and `left` when the world began.
        trail: its last shifts (down, right) in pixels, the newest first.
    """

    number: int
    anchor: Tensor
    pose: Tensor
    before: Tensor
    top: int
    left: int
    home: tuple[int, int]
    trail: tuple[tuple[int, int], ...] = ()

    def at_home(self) -> Thing:
        """The thing as it was when the world began."""
        top, left = self.home
        return replace(self, pose=self.anchor, before=self.anchor, top=top, left=left, trail=())


@dataclass(frozen=True)
class Stage:
    """What stands before what.

    Attributes:
        backdrop: (1, C, H, W) in [-1, 1], the scenery, as remembered also behind the things.
        source: (1, C, H, W), the scenery that the world began with.
        origin: int16 (2, H, W), row and column in `source` of each pixel of `backdrop`, -1 for none.
        depth: float16 (`LAYERS`, H, W), log evidence so far of how fast each pixel of `backdrop` scrolls,
            from not at all to as fast as the fastest.
        things: the nearer the later.
        away: things that scrolled out of the frame, as they were when the world began; they come back with
            the scenery that they stood before.
    """

    backdrop: Tensor
    source: Tensor
    origin: Tensor
    depth: Tensor
    things: tuple[Thing, ...] = ()
    away: tuple[Thing, ...] = ()

    @classmethod
    def of(cls, frame: Tensor) -> Stage:
        """A frame (1, C, H, W) whose things are not known yet."""
        size = frame.shape[2:]
        depth = frame.new_zeros(LAYERS, *size, dtype=torch.float16)
        return cls(frame, frame, origins(*size, frame.device).short(), depth)

    def hidden(self) -> Tensor:
        """Bool (1, 1, H, W): scenery that things hide."""
        return outline(self.things, self.backdrop)

    def seen(self) -> Tensor:
        """The frame (1, C, H, W): the scenery with the things before it."""
        return laid_on(self.backdrop, self.things)


def laid_on(picture: Tensor, things: tuple[Thing, ...]) -> Tensor:
    """`picture` (1, C, H, W) with things before it."""
    picture = picture.clone()
    for thing in things:
        there, crop = _overlap(thing, picture)
        where = thing.pose[3:, *crop] > 0
        picture[0, :, *there] = torch.where(where, thing.pose[:3, *crop], picture[0, :, *there])
    return picture


def outline(things: tuple[Thing, ...], picture: Tensor) -> Tensor:
    """Bool (1, 1, H, W): where things are in a picture of this size."""
    out = torch.zeros_like(picture[:, :1], dtype=torch.bool)
    for thing in things:
        there, crop = _overlap(thing, picture)
        out[0, 0, *there] |= thing.pose[3, *crop] > 0
    return out


def with_rims(things: tuple[Thing, ...], picture: Tensor) -> Tensor:
    """Bool (1, 1, H, W): where things are in a picture of this size, and their dark rims."""
    return F.max_pool2d(outline(things, picture).float(), 5, 1, 2) > 0


def with_things(stage: Stage, logits: Tensor, frame: Tensor) -> Stage:
    """The stage with its things apart from the scenery.

    Args:
        stage: of a frame, its things not known yet.
        logits: (1, 1, H, W), of each pixel being a thing's.
        frame: (1, C, H, W), what is seen.
    """
    found = pieces(logits[0, 0])
    things = tuple(_cut_out(number, piece, frame) for number, piece in enumerate(found))
    if not things:
        return stage
    gone = with_rims(things, frame)
    return replace(stage, backdrop=filled(stage.backdrop, ~gone, ~gone), things=things)


def pieces(logits: Tensor) -> list[Tensor]:
    """Connected pieces, bool (H, W) each, that can be things: whole, small, and surely one.

    Args:
        logits: (H, W), of each pixel being a thing's.
    """
    found: list[Tensor] = []
    rest = logits > LEVELS[0]
    # Things that touch come apart where the finder is less sure.
    for level in LEVELS:
        large = torch.zeros_like(rest)
        for piece in _connected(rest & (logits > level)):
            rows, columns = torch.nonzero(piece).unbind(1)
            top, bottom, left, right = rows.min(), rows.max(), columns.min(), columns.max()
            if int(max(bottom - top, right - left)) >= MOST_ACROSS:
                large |= piece
                continue
            height, width = piece.shape
            whole = top > 0 and left > 0 and bottom < height - 1 and right < width - 1
            if whole and float(logits[piece].sigmoid().mean()) > SURE:
                found.append(_grown(piece, rest) if level else piece)
        rest = rest & large
        if not bool(rest.any()):
            break
    return found


def _connected(where: Tensor) -> list[Tensor]:
    """Pieces of bool (H, W) of at least `LEAST_PIXELS` pixels, side by side and not only corner to corner."""
    height, width = where.shape
    numbers = torch.arange(1, height * width + 1, device=where.device, dtype=torch.float32)
    label = numbers.view(1, 1, height, width) * where
    while True:
        upright = F.max_pool2d(label, (3, 1), 1, (1, 0))
        spread = torch.maximum(upright, F.max_pool2d(label, (1, 3), 1, (0, 1))) * where
        if bool((spread == label).all()):
            break
        label = spread
    values, counts = label[label > 0].unique(return_counts=True)
    return [label[0, 0] == value for value in values[counts >= LEAST_PIXELS]]


def _grown(piece: Tensor, into: Tensor) -> Tensor:
    return (F.max_pool2d(piece[None, None].float(), 3, 1, 1)[0, 0] > 0) & into


def scrolled(stage: Stage, field: MotionField) -> tuple[Stage, Tensor]:
    """The scenery a frame later, and how far (1, 1, H, W) in [0, 1] to trust it.

    Scenery is a few layers, each moving as one: every pixel goes with one of the commonest shifts.

    Args:
        stage: now.
        field: of the whole frame, pixel by pixel.
    """
    shown = ~stage.hidden()
    shifts = likely_shifts(field, MOST_LAYERS, of=shown, least=LEAST_LAYER)
    reach = field.down.shape[1] // 2
    scores = [field.down[:, down + reach] + field.right[:, right + reach] for down, right in shifts]
    votes = smoothed(torch.stack(scores, 1), stage.backdrop, shown)
    votes = _behind(torch.cat([votes, field.front], 1), stage.backdrop, shown)
    scores, front = votes.split((len(shifts), 1), 1)
    scores, depth = _weighed(scores, shifts, stage.depth.float())
    sure, layer = scores.max(1)
    down, right = torch.tensor(shifts, device=sure.device)[layer].unbind(-1)
    field = replace(field, front=front)
    backdrop, trust, came_from = placed(stage.backdrop, field, down, right, sure)
    index = came_from[0].clamp(min=0)
    origin = torch.where(came_from >= 0, stage.origin.flatten(1)[:, index].long(), -1)
    depth = torch.where(came_from >= 0, depth.flatten(1)[:, index], 0.0)
    backdrop, bare, origin = carried_on(backdrop, trust == 0, origin, stage.source)
    trust = torch.where((trust == 0) & ~bare, 1.0, trust)
    return replace(stage, backdrop=backdrop, origin=origin.short(), depth=depth.half()), trust


def _weighed(scores: Tensor, shifts: list[tuple[int, int]], depth: Tensor) -> tuple[Tensor, Tensor]:
    """Votes with what is known of how far off the pixels are, and what is known after these votes.

    Far scenery scrolls by the same share of the near scenery's way, frame after frame.

    Args:
        scores: (1, K, H, W), log probabilities of the shifts.
        shifts: K times (down, right).
        depth: (`LAYERS`, H, W), see `Stage`.
    """
    share = scores.argmax(1).flatten().bincount(minlength=len(shifts)) / scores[0, 0].numel()
    wide = [right for k, (_, right) in enumerate(shifts) if share[k] > NEAR_SHARE]
    fastest = max(wide, key=abs, default=0)
    if abs(fastest) < LAYERS // 2:
        return scores, depth
    layers = [round((LAYERS - 1) * right / fastest) for _, right in shifts]
    known = [k for k, (down, _) in enumerate(shifts) if down == 0 and 0 <= layers[k] < LAYERS]
    told = scores - scores.amax(1, keepdim=True)
    scores, depth = scores.clone(), depth * REMEMBERED
    scores[:, [k for k in range(len(shifts)) if k not in known]] += depth.amin(0)
    for layer in {layers[k] for k in known}:
        mine = [k for k in known if layers[k] == layer]
        scores[:, mine] += depth[layer]
        depth[layer] += told[0, mine].amax(0).clamp(min=DOUBT)
    return scores, depth - depth.amax(0, keepdim=True)


def _behind(votes: Tensor, backdrop: Tensor, shown: Tensor) -> Tensor:
    """Votes (1, K, H, W) with those of hidden pixels from what is like them beside the things.

    Args:
        votes: of all pixels.
        backdrop: (1, C, H, W), the scenery.
        shown: bool (1, 1, H, W), scenery that no thing hides.
    """
    places = torch.nonzero(~shown[0, 0])
    if not len(places):
        return votes
    height, width = votes.shape[2:]
    rows = places[:, :1] + torch.arange(-_DOWN, _DOWN + 1, device=votes.device)
    columns = places[:, 1:] + torch.arange(-_RIGHT, _RIGHT + 1, device=votes.device)
    inside = ((rows >= 0) & (rows < height))[:, :, None]
    inside = inside & ((columns >= 0) & (columns < width))[:, None]
    rows = rows.clamp(0, height - 1)[:, :, None].expand_as(inside)
    columns = columns.clamp(0, width - 1)[:, None].expand_as(inside)
    colours = backdrop[0]
    mine = colours[:, places[:, 0], places[:, 1]]
    unlike = (colours[:, rows, columns] - mine[..., None, None]).abs().mean(0)
    weight = (-unlike / AGREE_COLOUR).exp() * (inside & shown[0, 0][rows, columns])
    weight = weight / weight.sum((1, 2), keepdim=True).clamp(min=1e-6)
    votes = votes.clone()
    votes[0, :, places[:, 0], places[:, 1]] = (votes[0, :, rows, columns] * weight).sum((2, 3))
    return votes


def acted(model: ThingModel, stage: Stage, field: MotionField, now: Tensor, code: Tensor) -> Stage:
    """The stage with its things a frame later, but for those that are gone; the scenery stays.

    Args:
        model: moves them and draws their poses.
        stage: now.
        field: of the whole frame, pixel by pixel.
        now: (1, C, H, W), the frame.
        code: int64 (1,), see `ThingModel.forward`.
    """
    things = stage.things
    if not things:
        return stage
    codes = code.expand(len(things))
    around = [surroundings(now[0], t.pose[3], t.top, t.left) for t in things]
    near = torch.cat([with_rims((thing,), now)[0] for thing in things])
    crowd = near.sum(0)
    votes = [
        _votes(field, thing, crowd > own.int()) for thing, own in zip(things, near, strict=True)
    ]
    trails = now.new_zeros(len(things), TRAIL, 3)
    for index, thing in enumerate(things):
        if thing.trail:
            trails[index, : len(thing.trail), :2] = now.new_tensor(thing.trail)
            trails[index, : len(thing.trail), 2] = 1
    logits, gone = model.move(torch.stack(around), trails, torch.stack(votes), codes)
    shifts = (logits.argmax(2) - model.config.max_shift).tolist()
    drawn = model.next_pose(
        torch.stack([t.anchor for t in things]),
        torch.stack([t.pose for t in things]),
        torch.stack([t.before for t in things]),
        codes,
    )
    out, away = [], list(stage.away)
    lost = (gone > GONE).tolist()
    for thing, pose, (down, right), left_us in zip(things, drawn, shifts, lost, strict=True):
        down = min(down, _room_below(pose, now.shape[2] - thing.top))
        moved = replace(
            thing,
            pose=pose,
            before=thing.pose,
            top=thing.top + down,
            left=thing.left + right,
            trail=((down, right), *thing.trail)[:TRAIL],
        )
        if left_us:
            continue
        if bool(outline((moved,), now).any()):
            out.append(moved)
        else:
            away.append(moved.at_home())
    return replace(stage, things=tuple(out), away=tuple(away))


def _votes(field: MotionField, thing: Thing, touched: Tensor) -> Tensor:
    """Votes (2, R) of a thing's pixels; those that others touch would go along with them.

    Args:
        field: of the whole frame.
        thing: whose.
        touched: bool (H, W), where the other things are, and their rims.
    """
    if not thing.trail:
        return votes_of(field, 0, thing.pose[3], thing.top, thing.left)
    there, crop = _overlap(thing, touched)
    clear = thing.pose[3].clone()
    clear[crop] *= ~touched[there]
    if int(clear.sum()) >= FEWEST_VOTES:
        return votes_of(field, 0, clear, thing.top, thing.left)
    # It goes on as it went.
    reach = field.down.shape[1] // 2
    votes = field.down.new_full((2, field.down.shape[1]), NEVER)
    votes[[0, 1], [shift + reach for shift in thing.trail[0]]] = 0.0
    return votes


def _room_below(pose: Tensor, rows: int) -> int:
    """How far a thing may fall whose crop begins so many rows above the lower edge.

    Nobody leaves through that edge: a hero that misses the ground stands there, and can jump back.
    """
    there = torch.nonzero(pose[3].any(1))
    return max(rows - int(there[-1]) - 1, 0) if len(there) else 0


def returned(stage: Stage, last: Stage) -> Stage:
    """The stage with the things that come into view together with the scenery that they stood before.

    Things stand on what is nearest: the scenery at the lower edge says what came into view.

    Args:
        stage: now.
        last: a frame ago.
    """
    if not stage.away:
        return stage
    row = stage.origin.shape[1] - _GROUND
    columns, before = stage.origin[1, row].tolist(), last.origin[1, row].tolist()
    width, back, still = len(columns), [], []
    right = next((g for g in range(_MOST_FRESH) if columns[width - 1 - g] == before[-1]), 0)
    left = next((g for g in range(_MOST_FRESH) if columns[g] == before[0]), 0)
    for thing in stage.away:
        across = torch.nonzero(thing.anchor[3].any(0))[:, 0]
        first, final = int(across[0]), int(across[-1])
        at = [x - first for x in range(width - right, width) if columns[x] == thing.left + first]
        at += [x - final for x in range(left) if columns[x] == thing.left + final]
        if at:
            back.append(replace(thing, left=at[0]))
        else:
            still.append(thing)
    return replace(stage, things=(*back, *stage.things), away=tuple(still))


def scroll(stage: Stage, last: Stage) -> int:
    """How many columns the nearest scenery went to the right from `last` to `stage`."""
    row = stage.origin.shape[1] - _GROUND
    now, before = stage.origin[1, row], last.origin[1, row]
    width = len(now)

    def alike(shift: int) -> int:
        here, there = (slice(max(side, 0), width + min(side, 0)) for side in (shift, -shift))
        return int(((now[here] == before[there]) & (before[there] >= 0)).sum())

    return max(range(-_MOST_FRESH, _MOST_FRESH + 1), key=lambda shift: (alike(shift), -abs(shift)))


def carried(stage: Stage, right: int) -> Stage:
    """The stage with its things `right` columns further to the right; those out of sight are away."""
    things = [replace(thing, left=thing.left + right) for thing in stage.things]
    seen = [bool(outline((thing,), stage.backdrop).any()) for thing in things]
    gone = (thing.at_home() for thing, is_seen in zip(things, seen, strict=True) if not is_seen)
    return replace(
        stage,
        things=tuple(thing for thing, is_seen in zip(things, seen, strict=True) if is_seen),
        away=(*stage.away, *gone),
    )


def _cut_out(number: int, piece: Tensor, frame: Tensor) -> Thing:
    rows, columns = torch.nonzero(piece).unbind(1)
    top = (int(rows.min()) + int(rows.max()) + 1) // 2 - SIDE // 2
    left = (int(columns.min()) + int(columns.max()) + 1) // 2 - SIDE // 2
    whole = torch.cat([frame[0], piece[None].to(frame.dtype)])
    padded = F.pad(whole, (SIDE,) * 4)
    crop = padded[:, top + SIDE : top + 2 * SIDE, left + SIDE : left + 2 * SIDE].clone()
    return Thing(
        number=number, anchor=crop, pose=crop, before=crop, top=top, left=left, home=(top, left)
    )


def _overlap(thing: Thing, picture: Tensor) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Where the crop lies in a picture (..., H, W), and what of the crop lies in it."""
    there, crop = [], []
    for start, size in zip((thing.top, thing.left), picture.shape[-2:], strict=True):
        first, end = min(max(start, 0), size), max(min(start + SIDE, size), 0)
        there.append(slice(first, max(end, first)))
        crop.append(slice(first - start, max(end, first) - start))
    return (there[0], there[1]), (crop[0], crop[1])
