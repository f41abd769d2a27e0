"""What an animatic shows over its shots: number and plan at the top, the description where no take is."""

from __future__ import annotations

from collections.abc import Sequence

from playreel.board.numbering import shown_numbers
from playreel.board.planned import is_placeholder
from playreel.board.presets import SafeBox
from playreel.board.shot import Shot
from playreel.board.stitch import Film
from playreel.board.vocabulary import MOVES, SIZES
from playreel.media.caption import CaptionLine, caption_picture, mark_picture, wrapped_rows
from playreel.media.overlay import Card

_SLATE = 0.034  # of the shorter side
_WORDS = 0.05
_MAX_ROWS = 6


def animatic_cards(
    film: Film, shots: Sequence[Shot], box: SafeBox, size: tuple[int, int], *, language: str = "en"
) -> tuple[Card, ...]:
    """Cards for every shot of the film.

    Args:
        film: whose `Film.uids` name the shots.
        shots: of the board.
        box: that cards stay inside.
        size: (height, width) of the film.
        language: of closed words, ``en`` or ``zh``.
    """
    numbers = dict(zip((shot.uid for shot in shots), shown_numbers(shots), strict=True))
    known = {shot.uid: shot for shot in shots}
    cards: list[Card] = []
    for segment, uid in zip(film.segments, film.uids, strict=True):
        shot = known.get(uid)
        if shot is None:
            continue
        start, stop = segment.start + segment.fade // 2, segment.stop
        told = [numbers[uid], SIZES.text(shot.size, language), MOVES.text(shot.move, language)]
        told.append(f"{float(len(segment.indices) / film.fps):.1f} s")
        plate = mark_picture(
            "  ·  ".join(word for word in told if word), max(12, round(min(size) * _SLATE))
        )
        left = max(box.left, box.right - plate.shape[1])
        # beside the AI mark where there is room, else under it
        top = box.top if size[1] > size[0] else box.top + round(0.09 * min(size))
        cards.append(Card(start, stop, plate[:, : box.width], left, top))
        if is_placeholder(shot.take) and shot.description.strip():
            cards.append(_description(shot, start, stop, box, size))
    return _apart(cards)


def _description(shot: Shot, start: int, stop: int, box: SafeBox, size: tuple[int, int]) -> Card:
    type_size = max(12, round(min(size) * _WORDS))
    rows = wrapped_rows(shot.description, type_size, box.width - 2 * type_size)
    if len(rows) > _MAX_ROWS:
        rows = [*rows[: _MAX_ROWS - 1], rows[_MAX_ROWS - 1][:-1] + "…"]
    picture = caption_picture([CaptionLine(text=row, size=type_size) for row in rows])
    height, width = picture.shape[:2]
    top = box.top + max(0, (box.height - height) // 2)
    return Card(start, stop, picture, box.left + max(0, (box.width - width) // 2), top)


def _apart(cards: Sequence[Card]) -> tuple[Card, ...]:
    """A slate gives way to the next one at its start."""
    starts = sorted({card.start for card in cards})
    ended = []
    for card in cards:
        following = next((start for start in starts if start > card.start), card.stop)
        stop = min(card.stop, following)
        ended.append(Card(card.start, stop, card.pixels, card.left, card.top))
    return tuple(ended)
