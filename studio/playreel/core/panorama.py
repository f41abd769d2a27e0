"""Panorama: scenery that scrolls into view goes on where the pixels beside it were taken from.

Every pixel of the scenery knows where in the world's first picture it stands. What comes into view at the
left or right goes on from there: what was seen comes back as it was, and what is new is a long stretch of
the world's own scenery, as sharp as its first frame, and not a guess painted again every frame. Where that
stretch ends, another begins that fits both the known pixels and the guess of the networks. (Coherent
texture synthesis, Ashikhmin 2001; image quilting, Efros and Freeman 2001.)

Shape legend: C colours, H x W pixels, N rows, M ways to go on, K columns beside the edge.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

BESIDE = 6  # known columns that must fit
ROWS = 3  # rows up and down that must fit too
MOST_WAYS = 16
MISFIT = 0.12  # mean error in [-1, 1] up to which a stretch goes on
AHEAD = 28  # pixels that a new stretch must be good for
LIFTS = (-2, -1, 0, 1, 2)  # rows that a new stretch may lie higher
GUESSED = 0.25  # weight of a guessed pixel beside a known one's


def origins(height: int, width: int, device: torch.device) -> Tensor:
    """Int64 (2, H, W): row and column of every pixel in the picture that it is of."""
    rows, columns = (torch.arange(n, device=device) for n in (height, width))
    return torch.stack(torch.meshgrid(rows, columns, indexing="ij"))


def carried_on(
    picture: Tensor, bare: Tensor, origin: Tensor, source: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Go on with the stretches that the edges show.

    Args:
        picture: (1, C, H, W) in [-1, 1].
        bare: bool (1, 1, H, W), what is to be filled.
        origin: int64 (2, H, W), where in `source` a pixel stands; -1 where it does not.
        source: (1, C, H, W), the first picture.

    Returns:
        `picture`, `bare` and `origin` after that. What could not be gone on with is still bare.
    """
    return _both_sides(picture, bare, origin, source, guess=False)


def begun_anew(
    picture: Tensor, bare: Tensor, origin: Tensor, source: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Begin new stretches at the edges; as `carried_on`, but where bare, `picture` holds a guess."""
    return _both_sides(picture, bare, origin, source, guess=True)


def _both_sides(
    picture: Tensor, bare: Tensor, origin: Tensor, source: Tensor, *, guess: bool
) -> tuple[Tensor, Tensor, Tensor]:
    width = picture.shape[-1]
    for side in (-1, 0):
        if not bool(bare[..., side].any()):
            continue
        edge = _Edge(picture, bare, origin, source, mirrored=side == 0, width=width)
        if guess:
            edge.begin()
        else:
            edge.carry_on()
        picture, bare, origin = edge.results()
    return picture, bare, origin


class _Edge:
    """The right edge of a picture, or its left one as seen in a mirror."""

    def __init__(
        self,
        picture: Tensor,
        bare: Tensor,
        origin: Tensor,
        source: Tensor,
        *,
        mirrored: bool,
        width: int,
    ) -> None:
        self.mirrored, self.width, self.height = mirrored, width, picture.shape[2]
        if mirrored:
            picture, bare, source = (t.flip(-1) for t in (picture, bare, source))
            origin = _mirrored(origin, width)
        self.picture, self.bare, self.origin = (
            picture[0].clone(),
            bare[0, 0].clone(),
            origin.clone(),
        )
        self.source = source[0]
        # Bare pixels in one piece at the edge, and the rows that have any.
        gap = self.bare.flip(1).long().cumprod(1).sum(1)
        self.rows = torch.nonzero((gap > 0) & (gap <= width - 2 * BESIDE))[:, 0]
        self.gap = gap[self.rows]
        columns = torch.arange(BESIDE, device=picture.device)
        self.beside = width - self.gap[:, None] - BESIDE + columns  # (N, K)
        reach = int(self.gap.max()) if len(self.gap) else 0
        self.beyond = width - self.gap[:, None] + torch.arange(reach, device=picture.device)
        self.missing = self.beyond < width  # (N, reach)

    def results(self) -> tuple[Tensor, Tensor, Tensor]:
        picture, bare, origin = self.picture[None], self.bare[None, None], self.origin
        if self.mirrored:
            return picture.flip(-1), bare.flip(-1), _mirrored(origin, self.width)
        return picture, bare, origin

    def carry_on(self) -> None:
        """Go on by whichever of the stretches seen beside the edge fits each row best."""
        if not len(self.rows):
            return
        ways = self._ways()
        if not len(ways):
            return
        errors, fits = self._errors(ways)
        cost = self._smoothed(torch.where(fits, errors, 4.0))
        best, way = cost.min(0)
        good = (best <= MISFIT) & fits.gather(0, way[None])[0]
        self._fill(torch.nonzero(good)[:, 0], ways[way[good]])

    def begin(self) -> None:
        """Fill every run of rows from the one place in the source that fits it best."""
        start = 0
        rows = self.rows.tolist()
        for index in range(1, len(rows) + 1):
            if index == len(rows) or rows[index] != rows[index - 1] + 1:
                self._begin_run(torch.arange(start, index, device=self.rows.device))
                start = index

    def _begin_run(self, run: Tensor) -> None:
        lefts = torch.arange(BESIDE, self.width - AHEAD, device=run.device) - self.width
        lifts = torch.tensor(LIFTS, device=run.device)
        ways = torch.stack(torch.meshgrid(lifts, lefts, indexing="ij")).flatten(1).T
        errors, fits = self._errors(ways, run)
        wanted = self.picture[:, self.rows[run, None], self._held(self.beyond[run])]
        found, inside = self._taken(ways, run, self.beyond[run])
        missing = (self.missing[run] & inside).float()
        gist = ((found - wanted[:, None]).abs().mean(0) * missing).sum(2) / missing.sum(2).clamp(1)
        total = torch.where(fits, errors + GUESSED * gist, 4.0).mean(1)
        way = ways[total.argmin()]
        fit = fits[total.argmin()]
        self._fill(run[fit], way.expand(int(fit.sum()), 2))

    def _ways(self) -> Tensor:
        """Int64 (M, 2): how far (down, right) from here lies what the pixels beside the edge are of."""
        rows = self.rows[:, None].expand_as(self.beside)
        origin = self.origin[:, rows, self.beside]
        known = origin[0] >= 0
        away = torch.stack([origin[0] - rows, origin[1] - self.beside], -1)[known]
        ways, count = away.unique(dim=0, return_counts=True)
        return ways[count.argsort(descending=True)[:MOST_WAYS]]

    def _errors(self, ways: Tensor, run: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mean error (M, N) beside the edge if it went on that way, and bool (M, N) whether it can."""
        run = torch.arange(len(self.rows), device=ways.device) if run is None else run
        beside = self.beside[run]
        wanted = self.picture[:, self.rows[run, None], beside]
        found, inside = self._taken(ways, run, beside)
        error = (found - wanted[:, None]).abs().mean(0)
        error = (error * inside).sum(2) / inside.sum(2).clamp(1)
        _, ahead = self._taken(ways, run, self.beyond[run])
        fits = inside.any(2) & (ahead | ~self.missing[run]).all(2)
        return error, fits

    def _taken(self, ways: Tensor, run: Tensor, columns: Tensor) -> tuple[Tensor, Tensor]:
        """What stands (C, M, N, k) a way off from columns (N, k) of rows, and where that is inside."""
        down = self.rows[run, None] + ways[:, :1, None]
        right = columns + ways[:, 1:, None]
        inside = (down >= 0) & (down < self.height) & (right >= 0) & (right < self.width)
        down = down.clamp(0, self.height - 1).expand_as(right)
        return self.source[:, down, self._held(right)], inside

    def _held(self, columns: Tensor) -> Tensor:
        return columns.clamp(0, self.width - 1)

    def _smoothed(self, cost: Tensor) -> Tensor:
        """Costs (M, N) as the mean over neighbouring rows."""
        whole = cost.new_zeros(len(cost), self.height)
        whole[:, self.rows] = cost
        there = cost.new_zeros(1, self.height)
        there[:, self.rows] = 1
        total, count = (
            F.avg_pool1d(t[:, None], 2 * ROWS + 1, 1, ROWS)[:, 0] for t in (whole, there)
        )
        return (total / count.clamp(min=1e-6))[:, self.rows]

    def _fill(self, run: Tensor, ways: Tensor) -> None:
        """Fill rows (by index into `rows`), each by its own way."""
        if not len(run):
            return
        missing = self.missing[run]
        rows = self.rows[run, None].expand_as(missing)[missing]
        columns = self.beyond[run][missing]
        down = rows + ways[:, :1].expand_as(missing)[missing]
        right = columns + ways[:, 1:].expand_as(missing)[missing]
        self.picture[:, rows, columns] = self.source[:, down, right]
        self.origin[0, rows, columns], self.origin[1, rows, columns] = down, right
        self.bare[rows, columns] = False


def _mirrored(origin: Tensor, width: int) -> Tensor:
    rows, columns = origin.flip(-1)
    return torch.stack([rows, torch.where(columns >= 0, width - 1 - columns, -1)])
