"""The verbs as programs and MCP clients see them: names, types and words, no doing.

Results are JSON values. Pictures go in as base64 of PNG, JPEG or WebP files and come out as base64 of
PNG files, in which frames stand one under the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Result = dict[str, Any]


def me() -> Result:
    """Who you are in this share, your role, and the verbs that you may use."""


def takes() -> Result:
    """The latest takes of the project, newest first."""


def films() -> Result:
    """Films that were exported, by file name."""


def world(take: str = "last", seed: int | None = None) -> Result:
    """Opens a world of your own that starts where a take ends; it replaces your last one.

    Args:
        take: the first digits of a take's hash, or "last".
        seed: another seed, another world.
    """


def reenter(world: str = "") -> Result:
    """Goes back into the world that you played last, where you left it; {} if there is none.

    Args:
        world: another one of yours by its name.
    """


def press(world: str, action: str, count: int = 1) -> Result:
    """Holds a button of your world for some frames and returns them.

    Args:
        world: its name, from the verb world.
        action: one of the world's actions, such as right.
        count: frames, 1 to 12.
    """


def seek(world: str, frame: int) -> Result:
    """Goes to another frame of your world; playing on from there begins another branch.

    Args:
        world: its name.
        frame: 0 to length - 1.
    """


def capture(world: str, start: int = 0, stop: int | None = None) -> Result:
    """Keeps a stretch of your world as a take of the project.

    Args:
        world: its name.
        start: first frame.
        stop: the frame after the last; the end if left out.
    """


def still(
    prompt: str = "",
    sketch: str = "",
    image: str = "",
    size: str = "16:9",
    strength: float = 0.6,
    seed: int | None = None,
) -> Result:
    """Queues a picture from words, a drawing, a picture, or any of them together.

    Args:
        prompt: what is to be seen, English or Chinese.
        sketch: a line drawing as base64.
        image: a picture to start from as base64.
        size: 16:9, 9:16 or 1:1.
        strength: with an image, 0 keeps it and 1 ignores it.
        seed: the same seed gives the same picture.
    """


def shoot(
    prompt: str, seconds: float = 2.0, camera: str = "", size: str = "16:9", seed: int | None = None
) -> Result:
    """Queues a take from words.

    Args:
        prompt: what happens, with timed parts such as "a cave [0s-2s: torch light]".
        seconds: its length.
        camera: a move, such as "pan right".
        size: 16:9, 9:16 or 1:1.
        seed: the same seed gives the same take.
    """


def animate(
    take: str, seconds: float = 2.0, prompt: str = "", camera: str = "", seed: int | None = None
) -> Result:
    """Queues a take that begins with a still.

    Args:
        take: the still.
        seconds: its length.
        prompt: what happens; the still's own if empty.
        camera: a move.
        seed: the same seed gives the same take.
    """


def extend(
    take: str,
    seconds: float = 2.0,
    direction: str = "forward",
    prompt: str = "",
    camera: str = "",
    seed: int | None = None,
) -> Result:
    """Queues what follows a take, or what led up to it.

    Args:
        take: which.
        seconds: how much is added.
        direction: forward or backward.
        prompt: what happens in the new part; the take's own if empty.
        camera: a move.
        seed: the same seed gives the same take.
    """


def loop(
    take: str, seconds: float = 1.0, prompt: str = "", camera: str = "", seed: int | None = None
) -> Result:
    """Queues a take that leads back to its start.

    Args:
        take: which.
        seconds: length of the new part.
        prompt: what happens in it; the take's own if empty.
        camera: a move.
        seed: the same seed gives the same take.
    """


def bridge(
    take: str,
    last: str,
    seconds: float = 1.0,
    prompt: str = "",
    camera: str = "",
    seed: int | None = None,
) -> Result:
    """Queues two takes with new frames between them.

    Args:
        take: the one to leave.
        last: the one to arrive at.
        seconds: length of the new part.
        prompt: what happens in it.
        camera: a move.
        seed: the same seed gives the same take.
    """


def restyle(take: str, prompt: str, strength: float = 0.6, seed: int | None = None) -> Result:
    """Queues the same motion in another style.

    Args:
        take: which.
        prompt: the style, such as "ink wash".
        strength: 0 keeps everything, 1 nothing.
        seed: the same seed gives the same take.
    """


def export(name: str = "film.mp4", preset: str = "") -> Result:
    """Queues a film cut from the board, into the project's folder films.

    Args:
        name: its file name, .mp4, .mov, .m4v or .gif.
        preset: one of the board's presets.
    """


def jobs() -> Result:
    """The project's latest jobs, whose they are, and what came of them."""


def cancel(job: str) -> Result:
    """Ends a job of yours; owners end any.

    Args:
        job: its id.
    """


def pause(job: str) -> Result:
    """Holds a job of yours.

    Args:
        job: its id.
    """


def resume(job: str) -> Result:
    """Lets a paused job of yours go on.

    Args:
        job: its id.
    """


def retry(job: str) -> Result:
    """Runs a job of yours again that failed or was cancelled.

    Args:
        job: its id.
    """


def board() -> Result:
    """The shots in order, with versions, comments and approvals."""


def add_shot(
    take: str, size: str = "", description: str = "", dialogue: str = "", at: int | None = None
) -> Result:
    """Puts a take on the board.

    Args:
        take: which.
        size: shot size, such as LS or close-up.
        description: what is seen.
        dialogue: what is said.
        at: number it gets; last if left out.
    """


def change_shot(
    shot: str,
    size: str | None = None,
    description: str | None = None,
    dialogue: str | None = None,
    notes: str | None = None,
    take: str | None = None,
) -> Result:
    """Changes what a shot says or shows; what is left out stays.

    Args:
        shot: its uid.
        size: shot size.
        description: what is seen.
        dialogue: what is said.
        notes: anything else.
        take: the version to show; not while another one is approved.
    """


def move_shot(shot: str, to: int) -> Result:
    """Gives a shot another number.

    Args:
        shot: its uid.
        to: the number, from 1.
    """


def remove_shot(shot: str) -> Result:
    """Takes a shot off the board; its take stays.

    Args:
        shot: its uid.
    """


def undo() -> Result:
    """Takes back the last act on the board or the settings."""


def redo() -> Result:
    """Does again what was undone."""


def comments(shot: str = "", take: str = "") -> Result:
    """Comments and approvals of everything, or of one shot or take.

    Args:
        shot: its uid.
        take: its whole hash.
    """


def comment(
    take: str,
    text: str = "",
    start: int = 0,
    stop: int | None = None,
    shot: str = "",
    drawing: list[dict] | None = None,
    reply_to: str = "",
) -> Result:
    """Says something about a frame or a range of frames.

    Args:
        take: the take it is about.
        text: what.
        start: first frame.
        stop: the frame after the last; one frame if left out.
        shot: uid of the shot that shows the take.
        drawing: strokes {"color": "#rrggbb", "width": 0.01, "points": [[x, y], ...]}, in shares.
        reply_to: uid of the comment that this answers.
    """


def resolve(comment: str, on: bool = True) -> Result:
    """Says that a comment is dealt with, or not.

    Args:
        comment: its uid.
        on: false opens it again.
    """


def approve(shot: str, take: str = "", on: bool = True) -> Result:
    """Approves the version that a shot shows, which then stays.

    Args:
        shot: its uid.
        take: the version; the one it shows if left out.
        on: false takes the approval back.
    """


def merge_comments(file: str) -> Result:
    """Adds the comments of a file that an offline review page saved.

    Args:
        file: its text.
    """


def export_comments() -> Result:
    """All comments as JSON and as CSV."""


def people() -> Result:
    """Passes that let people in, and who is in. Owners only."""


def invite(role: str, expires: str = "24h", once: bool = False, label: str = "") -> Result:
    """Makes an invitation; its token is told this once. Owners only.

    Args:
        role: reviewer, player, editor or owner.
        expires: such as 30m, 24h or 7d.
        once: whether it lets in one visitor only.
        label: whom it is for.
    """


def revoke(id: str) -> Result:
    """Takes a pass back; who came in with it is out at once. Owners only.

    Args:
        id: of the pass.
    """


def cut(id: str) -> Result:
    """Ends a visit at once. Owners only.

    Args:
        id: of the visit.
    """


TOOLS: dict[str, Callable[..., Result]] = {
    tool.__name__: tool
    for tool in (
        *(me, takes, films, world, reenter, press, seek, capture),
        *(still, shoot, animate, extend, loop, bridge, restyle, export),
        *(jobs, cancel, pause, resume, retry),
        *(board, add_shot, change_shot, move_shot, remove_shot, undo, redo),
        *(comments, comment, resolve, approve, merge_comments, export_comments),
        *(people, invite, revoke, cut),
    )
}
