"""Operations: what jobs do. They are registered by name and known to nobody else here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from playreel.errors import InputError


class Stopped(BaseException):
    """Raised inside an operation whose job was cancelled."""


class Context(Protocol):
    """What an operation is given besides its options.

    Attributes:
        project: the project folder.
    """

    project: Path

    def progress(self, done: int, total: int) -> None:
        """Tells how far it is; raises `Stopped` on cancel, and waits here while it is paused."""

    def preview(self, index: int, frame: Any) -> None:
        """Shows frame number ``index``, uint8 [height, width, 3]; cheap when called too often."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """How much an operation will have to do, reckoned without doing it.

    Attributes:
        units: steps of about equal length, such as frames.
        seconds_per_unit: a guess for a laptop, until a run here has been measured.
        memory_bytes: at its peak, the model included.
        disk_bytes: what the result will take.
    """

    units: int
    seconds_per_unit: float
    memory_bytes: int
    disk_bytes: int


@dataclass(frozen=True, kw_only=True)
class Rate:
    """What runs of one kind took on this machine.

    Attributes:
        seconds_per_unit: seconds.
        peak_bytes: of memory, the most seen.
        bytes_per_unit: of the result on disk.
        runs: how many runs this is the mean of.
    """

    seconds_per_unit: float
    peak_bytes: int
    bytes_per_unit: float
    runs: int


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a job will take.

    Attributes:
        seconds: once it is its turn and the model is loaded.
        wait_s: until it is its turn.
        memory_bytes: at its peak.
        disk_bytes: of the result.
        free_memory_bytes: on this machine now, or None where the system does not tell.
        free_disk_bytes: beside the project now.
        measured_runs: runs here that this is reckoned from; 0 means a guess.
        warnings: sentences on what will not fit.
    """

    seconds: float
    wait_s: float
    memory_bytes: int
    disk_bytes: int
    free_memory_bytes: int | None
    free_disk_bytes: int
    measured_runs: int
    warnings: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    def __str__(self) -> str:
        basis = f"{self.measured_runs} runs here" if self.measured_runs else "a guess"
        text = (
            f"about {self.seconds:.1f} s after {self.wait_s:.0f} s in the queue, "
            f"{self.memory_bytes / 2**20:.0f} MiB of memory, {self.disk_bytes / 2**20:.2f} MiB on "
            f"disk ({basis})"
        )
        return ". ".join([text, *self.warnings])


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """Files on their way between machines, by their path in the project folder.

    Attributes:
        files: path with forward slashes -> bytes.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A named operation.

    Attributes:
        run: does it and returns the result as JSON values; runs in the process with the models.
        work: how much it will be; loads no model.
        size_of: bytes on disk of a result, to learn from.
        pack: what a machine without the project folder needs; None keeps it on this one.
        unpack: makes a project folder of that on another machine.
        collect: on that machine, what is to be sent back.
        accept: takes what came back into the project, checked, and returns the result.
    """

    run: Callable[[Context, dict[str, Any]], dict[str, Any]]
    work: Callable[[Path, dict[str, Any]], Work]
    size_of: Callable[[Path, dict[str, Any]], int] = lambda project, result: 0
    pack: Callable[[Path, dict[str, Any]], Parcel] | None = None
    unpack: Callable[[Path, Parcel], None] | None = None
    collect: Callable[[Path, dict[str, Any]], Parcel] | None = None
    accept: Callable[[Path, dict[str, Any], Parcel], dict[str, Any]] | None = None


def load_operations(module: str) -> Mapping[str, Operation]:
    """The operations that a module registers as ``OPERATIONS``.

    Args:
        module: its dotted name; chosen by the program, never read from a file.
    """
    operations: Mapping[str, Operation] = import_module(module).OPERATIONS
    return operations


def find_operation(operations: Mapping[str, Operation], name: str) -> Operation:
    """One of them.

    Raises:
        InputError: unknown.
    """
    if name not in operations:
        raise InputError(
            f"{str(name)[:40]!r} is no operation that can be queued. There are: "
            f"{', '.join(sorted(operations))}."
        )
    return operations[name]
