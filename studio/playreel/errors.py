"""Every error Playreel raises on purpose, in one tree.

A message says what was wrong, with the value seen, and what to do next. Each class carries a stable
``code`` that programs may match on; the words of a message may change, the code may not.
"""

from __future__ import annotations

from typing import ClassVar


class PlayreelError(Exception):
    """The base of all errors that are meant for the user."""

    code: ClassVar[str] = "playreel"


class InputError(PlayreelError, ValueError):
    """What the user gave cannot be used."""

    code = "input"


class MediaError(InputError):
    """An image, a video or an array of frames cannot be read or written."""

    code = "media"


class PromptError(InputError):
    """A prompt is empty, too long or not well formed."""

    code = "prompt"


class UnknownActionError(InputError):
    """A script names a button that this world does not have."""

    code = "unknown-action"


class RewindError(InputError):
    """A session was asked to go back past its start."""

    code = "rewind"


class CaptureError(InputError):
    """The range to capture lies outside the session."""

    code = "capture"


class RecipeError(InputError):
    """A recipe is malformed, too large, from a newer version or cannot be replayed here."""

    code = "recipe"


class CheckpointError(PlayreelError):
    """Weights are missing, truncated, foreign, unsafe or not finite."""

    code = "checkpoint"


class TrainingError(PlayreelError):
    """A training run cannot start or go on."""

    code = "training"


class StorageError(PlayreelError):
    """A file could not be written (full disk, no permission); the old file is still whole."""

    code = "storage"


class LockedError(StorageError):
    """Another process held a project's lock for too long; nothing was changed."""

    code = "locked"


class BudgetError(StorageError):
    """The project has used up the disk space it was given; nothing new is started."""

    code = "budget"


class MissingExtraError(PlayreelError):
    """An optional dependency is not installed; the message holds the exact pip command."""

    code = "missing-extra"


class EngineRefusedError(PlayreelError):
    """The chosen engine cannot do this operation, natively or by emulation."""

    code = "engine-refused"


class EngineError(PlayreelError):
    """An engine could not make what it was asked for."""

    code = "engine"


class EngineMemoryError(EngineError):
    """The machine has too little memory for it; the message says what to lower."""

    code = "engine-memory"


class EngineOutputError(EngineError):
    """The model's frames are not numbers; nothing was saved."""

    code = "engine-output"


class EngineCrashError(EngineError):
    """A process that made frames ended before they were whole; nothing was saved."""

    code = "engine-crash"


class ModelMissingError(EngineError):
    """Open weights are not on this machine, or not whole; the message says how to get them."""

    code = "model-missing"


class NotYoursError(PlayreelError):
    """A job was submitted by someone else."""

    code = "not-yours"


class JobStateError(InputError):
    """A job is in a state in which it cannot be asked that."""

    code = "job-state"


class JobFailedError(PlayreelError):
    """A job that was waited for failed, was cancelled or was paused; the message says why."""

    code = "job-failed"


class WorkerError(PlayreelError):
    """The worker process of a project cannot be started or does not answer."""

    code = "worker"


class PlayreelWarning(UserWarning):
    """Something was repaired or left out on the way in; the message says what."""


__all__ = [
    "BudgetError",
    "CaptureError",
    "CheckpointError",
    "EngineError",
    "EngineMemoryError",
    "EngineOutputError",
    "EngineRefusedError",
    "InputError",
    "JobFailedError",
    "JobStateError",
    "LockedError",
    "MediaError",
    "MissingExtraError",
    "ModelMissingError",
    "NotYoursError",
    "PlayreelError",
    "PlayreelWarning",
    "PromptError",
    "RecipeError",
    "RewindError",
    "StorageError",
    "TrainingError",
    "UnknownActionError",
    "WorkerError",
]
