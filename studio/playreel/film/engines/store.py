"""Store: the open weights on this machine: finding, fetching, listing and deleting them.

Weights live in the cache that all programs on this machine share for models, or in any folder that
is named. Nothing is fetched unasked, and only files that are no programs: safetensors, JSON and text.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playreel.errors import InputError, MissingExtraError, ModelMissingError
from playreel.film.engines.card import ModelCard
from playreel.film.engines.family import Family
from playreel.film.engines.registry import families
from playreel.film.engines.weights import check_whole, faults, num_bytes

FILES = ("*.safetensors", "*.json", "*.txt", "*.model")
Fetch = Callable[..., str]


@dataclass(frozen=True, kw_only=True)
class Installed:
    """A model on this machine.

    Attributes:
        card: what it is.
        path: its folder.
        num_bytes: size on disk.
        faults: what is missing of it; empty when it is whole.
    """

    card: ModelCard
    path: Path
    num_bytes: int
    faults: tuple[str, ...]


def find_card(name: str) -> tuple[Family, ModelCard]:
    """A model by its own name, or the first of the family of that name.

    Raises:
        InputError: no model has that name.
    """
    known = families()
    for family in known.values():
        for card in family.cards:
            if name == card.name:
                return family, card
    if name in known and known[name].cards:
        return known[name], known[name].cards[0]
    names = [card.name for family in known.values() for card in family.cards]
    raise InputError(f"There is no model {name!r:.60}. Use one of: {', '.join(names)}.")


def find_model(card: ModelCard) -> Path:
    """The folder of a model, whole.

    Raises:
        ModelMissingError: it is not here, or not whole; the message says how to get it.
    """
    path = _cached(card)
    if path is None:
        raise ModelMissingError(
            f"The weights of {card.name} ({card.repository}) are not on this machine. "
            f"{_how_to_get(card)}"
        )
    check_whole(path, _how_to_get(card))
    return path


def installed() -> list[Installed]:
    """The models of the table that are on this machine."""
    found = []
    for family in families().values():
        for card in family.cards:
            path = _cached(card)
            if path is not None:
                missing = _faults(path)
                found.append(
                    Installed(card=card, path=path, num_bytes=num_bytes(path), faults=missing)
                )
    return found


def fetch_model(card: ModelCard, *, accept_licence: bool, fetch: Fetch | None = None) -> Path:
    """Fetches a model, or what is missing of it, and checks that it is whole.

    Args:
        card: the model.
        accept_licence: whether its licence was read and accepted.
        fetch: what fetches, like ``huggingface_hub.snapshot_download``.

    Raises:
        InputError: the licence was not accepted; the message tells it.
        ModelMissingError: it could not be fetched; what has come stays for the next time.
    """
    if not accept_licence:
        raise InputError(
            f"{card.name} comes under {card.licence}. {card.terms} It takes "
            f"{card.num_bytes / 1e9:.1f} GB in bfloat16, up to twice that where it is published in "
            f"float32. To accept and fetch it: playreel engines {card.name} --fetch --accept-licence"
        )
    getter = fetch or _hub().snapshot_download
    try:
        path = Path(getter(card.repository, allow_patterns=list(FILES)))
    except Exception as error:  # the library has many, for the network and for the disk
        raise ModelMissingError(
            f"{card.name} could not be fetched: {type(error).__name__}: {str(error)[:300]}. What "
            "has come stays; the same command goes on from there."
        ) from error
    check_whole(path)
    return path


def delete_model(card: ModelCard) -> int:
    """Deletes a model from the shared cache; returns the bytes that became free.

    Raises:
        ModelMissingError: it is not there.
    """
    cache = _hub().scan_cache_dir()
    for repository in cache.repos:
        if repository.repo_id == card.repository and repository.repo_type == "model":
            hashes = [revision.commit_hash for revision in repository.revisions]
            strategy = cache.delete_revisions(*hashes)
            strategy.execute()
            return int(strategy.expected_freed_size)
    raise ModelMissingError(f"The weights of {card.name} are not in the shared cache.")


def cache_folder() -> Path:
    """Where Playreel keeps what it can reckon anew."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".cache") / "playreel"


def _cached(card: ModelCard) -> Path | None:
    try:
        hub = _hub()
    except MissingExtraError:
        return None
    try:
        return Path(hub.snapshot_download(card.repository, local_files_only=True))
    except (OSError, ValueError, hub.errors.HfHubHTTPError):
        return None


def _faults(path: Path) -> tuple[str, ...]:
    try:
        return tuple(faults(path))
    except ModelMissingError as error:
        return (str(error),)


def _how_to_get(card: ModelCard) -> str:
    return (
        f"Get it with: playreel engines {card.name} --fetch (about {card.num_bytes / 1e9:.1f} GB; "
        f"{card.licence}: {card.terms[0].lower()}{card.terms[1:]}) Or name a folder that has it: "
        f"engine='/path/to/model'."
    )


def _hub() -> Any:
    try:
        import huggingface_hub
        import huggingface_hub.errors
    except ImportError:
        raise MissingExtraError(
            "Open weights need diffusers. Install it with: pip install 'playreel[diffusers]'"
        ) from None
    return huggingface_hub
