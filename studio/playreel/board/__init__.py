"""The shot board: shots with stable names, stitched into frame-exact films. No torch here."""

from __future__ import annotations

from playreel.board.board import Board
from playreel.board.presets import PRESETS, ExportPreset
from playreel.board.shot import SHOT_SIZES, Shot
from playreel.board.stitch import Film, Segment, blend

__all__ = ["PRESETS", "SHOT_SIZES", "Board", "ExportPreset", "Film", "Segment", "Shot", "blend"]
