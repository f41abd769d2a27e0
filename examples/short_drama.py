"""A vertical episode: one character in three shots, lines in two languages, captions in the picture."""

from __future__ import annotations

from playreel import Studio
from playreel.board.pacing import lint_series
from playreel.studio.directing import Character

LINES = [("洞里有人！", "Someone is in here!", "hook"), ("是你？", "You?", "cliff")]

studio = Studio("short-drama")
if not len(studio.board):
    studio.sequence(
        [
            {"description": "it jumps in a cave at night", "seconds": 1, "size": "LS"},
            {"description": "it stands in a cave at night", "seconds": 1, "size": "CU"},
        ],
        character=Character(words="a red crab"),
        size="9:16",
        seed=1,
    )
studio.board.edit(
    {
        number: {"dialogue": zh, "translation": en, "beat": beat, "episode": "1"}
        for number, (zh, en, beat) in enumerate(LINES, start=1)
    }
)
for finding in lint_series(studio.board.series):
    print(finding.words["en"])
print(studio.export("short_drama.mp4", preset="vertical-1080p", captions="burn"))
