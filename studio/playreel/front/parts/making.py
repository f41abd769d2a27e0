"""What makes takes: through the project's queue, in the name of who asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playreel.board import PRESETS
from playreel.errors import InputError, NotYoursError
from playreel.front.access import Visit
from playreel.front.asked import Asked
from playreel.front.desk import Verb
from playreel.front.errors import TooManyError
from playreel.front.parts.looking import FILM_NAME, FILMS
from playreel.front.parts.part import Part
from playreel.front.roles import EDITOR, OWNER, REVIEWER
from playreel.jobs.owner import owner_hash
from playreel.media import SIZES

if TYPE_CHECKING:
    from playreel.front.desk import Desk
    from playreel.jobs import JobRecord
    from playreel.studio.queueing import StudioJobs

MAX_SECONDS = 20.0
LISTED = 40
ASKED = ("cancel", "pause", "resume", "retry")


class Making(Part):
    """Verbs: still, shoot, animate, extend, loop, bridge, restyle, export; jobs and what is asked."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        words = "make takes"
        makers = (
            *(self.still, self.shoot, self.animate, self.extend, self.loop, self.bridge),
            *(self.restyle, self.export),
        )
        self.verbs = {maker.__name__: Verb(run=maker, role=EDITOR, words=words) for maker in makers}
        self.verbs["jobs"] = Verb(run=self.jobs, role=REVIEWER, words="look at the queue")
        for name in ASKED:
            self.verbs[name] = Verb(
                run=lambda visit, asked, name=name: self.ask(name, visit, asked),
                role=EDITOR,
                words=f"{name} jobs",
            )

    def jobs_of(self, visit: Visit) -> StudioJobs:
        """The queue in a visitor's name."""
        return self.studio.jobs_of(self.desk.access.job_token(visit))

    # -- queueing --------------------------------------------------------------------------------

    def still(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """A picture from words, a drawing, a picture, or any of them together."""
        sketch, image = self._picture(visit, asked, "sketch"), self._picture(visit, asked, "image")
        prompt = asked.maybe_text("prompt")
        if prompt is None and sketch is None and image is None:
            raise InputError("Nothing to go by yet: write what is to be seen, or draw it.")
        return self._submit(
            visit,
            "still",
            prompt=prompt,
            sketch=sketch,
            image=image,
            size=asked.one_of("size", tuple(SIZES), "16:9"),
            strength=asked.number("strength", 0.6, low=0, high=1),
            seed=self._seed(asked),
        )

    def shoot(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """A take from words, with timed parts."""
        return self._submit(
            visit,
            "shoot",
            asked.text("prompt"),
            seconds=self._seconds(asked, 2.0),
            camera=asked.maybe_text("camera", limit=80),
            size=asked.one_of("size", tuple(SIZES), "16:9"),
            seed=self._seed(asked),
        )

    def animate(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """A still begins to move."""
        return self._submit(visit, "animate", self._take(asked), **self._joining(asked, 2.0))

    def extend(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """What follows a take, or what led up to it."""
        direction = asked.one_of("direction", ("forward", "backward"), "forward")
        return self._submit(
            visit, "extend", self._take(asked), direction=direction, **self._joining(asked, 2.0)
        )

    def loop(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """A take that leads back to its start."""
        return self._submit(visit, "loop", self._take(asked), **self._joining(asked, 1.0))

    def bridge(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """Two takes with new frames in between."""
        ends = self._take(asked), self._take(asked, "last")
        return self._submit(visit, "bridge", *ends, **self._joining(asked, 1.0))

    def restyle(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """The same motion in another style."""
        return self._submit(
            visit,
            "restyle",
            self._take(asked),
            asked.text("prompt"),
            strength=asked.number("strength", 0.6, low=0, high=1),
            seed=self._seed(asked),
        )

    def export(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """Cuts the board into a film in the project's folder ``films``."""
        name = asked.text("name", "film.mp4", limit=80)
        if not FILM_NAME.fullmatch(name):
            raise InputError(f"A film's name is such as film.mp4 or teaser.gif, not {name!r:.60}.")
        folder = self.studio.path.resolve() / FILMS
        folder.mkdir(exist_ok=True)
        if (folder / name).is_symlink():
            raise InputError(f"{name} is a link. Choose another name.")
        preset = asked.one_of("preset", ("", *PRESETS), "") or None
        return self._submit(visit, "export", folder / name, preset=preset)

    def _submit(self, visit: Visit, operation: str, *args: Any, **options: Any) -> dict[str, Any]:
        jobs, mine = self.jobs_of(visit), owner_hash(self.desk.access.job_token(visit))
        with self.desk.lock:
            waiting = [r for r in jobs.list("queued", "running", "paused") if r.owner == mine]
            most = self.desk.limits.waiting_jobs
            if len(waiting) >= most:
                raise TooManyError(
                    f"{most} of your jobs wait or run already. Wait for one, or cancel one."
                )
            self.desk.meter.take(visit.id, "jobs")
            given = {name: value for name, value in options.items() if value is not None}
            job = jobs.submit(operation, *args, **given)
        return job_entry(job.record, "mine")

    def _take(self, asked: Asked, name: str = "take") -> str:
        return self.studio.project.media.find(asked.name(name)).content_hash

    def _picture(self, visit: Visit, asked: Asked, name: str) -> Any:
        if not asked.has(name) or asked.text(name, "", limit=self.desk.limits.body_bytes) == "":
            return None
        self.desk.meter.take(visit.id, "uploads")
        return asked.picture(name, limit=self.desk.limits.upload_bytes)

    def _joining(self, asked: Asked, seconds: float) -> dict[str, Any]:
        return {
            "seconds": self._seconds(asked, seconds),
            "prompt": asked.maybe_text("prompt"),
            "camera": asked.maybe_text("camera", limit=80),
            "seed": self._seed(asked),
        }

    def _seconds(self, asked: Asked, default: float) -> float:
        return asked.number("seconds", default, low=1 / 12, high=MAX_SECONDS)

    def _seed(self, asked: Asked) -> int | None:
        return asked.maybe_whole("seed", high=2**53)

    # -- the queue -------------------------------------------------------------------------------

    def jobs(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """The latest jobs of the project, and whose they are."""
        access = self.desk.access
        names = {owner_hash(access.job_token(other)): other.name for other in access.visits()}
        mine = owner_hash(access.job_token(visit))
        records = sorted(self.studio.jobs.list(), key=lambda record: -record.number)
        entries = []
        for record in records[:LISTED]:
            whose = "mine" if record.owner == mine else names.get(record.owner, "")
            may = visit.role == OWNER or record.owner == mine
            entries.append({**job_entry(record, whose), "may": may})
        return {"jobs": entries}

    def ask(self, name: str, visit: Visit, asked: Asked) -> dict[str, Any]:
        """Cancels, pauses, resumes or tries again: one's own jobs, and the owner any by cancelling."""
        uid, jobs = asked.name("job"), self.jobs_of(visit)
        try:
            job = getattr(jobs, name)(uid)
        except NotYoursError:
            if visit.role != OWNER or name != "cancel":
                raise
            job = jobs.cancel_any(uid)
        return job_entry(job.record, "")


def job_entry(record: JobRecord, whose: str) -> dict[str, Any]:
    """A job as pages list it, without where this machine keeps things."""
    result, failure = record.result or {}, record.failure
    label = record.options.get("prompt") or ""
    film = str(result.get("path", "")).replace("\\", "/").rsplit("/", 1)[-1]
    return {
        "job": record.id,
        "number": record.number,
        "operation": record.operation,
        "label": str(label)[:200],
        "state": record.state,
        "done": record.done,
        "total": record.total,
        "share": round(record.share, 3),
        "eta_s": record.eta_s,
        "whose": whose,
        "failure": failure and f"{failure.cause} {failure.next_step}",
        "take": result.get("take"),
        "film": film if record.operation == "export" and result else None,
    }
