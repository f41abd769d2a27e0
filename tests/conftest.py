"""What every test gets: no network, folders of its own, two threads."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

# Before torch is imported by any test module.
os.environ.setdefault("OMP_NUM_THREADS", "2")

ROOT = Path(__file__).resolve().parent.parent
BUNDLED_WEIGHTS = ROOT / "studio" / "playreel" / "weights"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if any(BUNDLED_WEIGHTS.rglob("*.safetensors")):
        return
    skip = pytest.mark.skip(reason="the bundled weights are not in this checkout")
    for item in items:
        if item.get_closest_marker("weights"):
            item.add_marker(skip)


def _is_local(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    host = str(address[0])
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this machine can be reached: offline is proven, not claimed."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(real):
        def call(self, address):
            if self.family != getattr(socket, "AF_UNIX", None) and not _is_local(address):
                raise AssertionError(f"A test tried to reach {address!r}.")
            return real(self, address)

        return call

    monkeypatch.setattr(socket.socket, "connect", guarded(connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(connect_ex))


@pytest.fixture(autouse=True)
def own_folders(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing is read from or left in the user's own folders."""
    home = tmp_path_factory.mktemp("user")
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(home / name.lower()))


@pytest.fixture(scope="session", autouse=True)
def two_threads() -> None:
    """Tests share the machine; more threads than free cores make them slower, many times so."""
    import sys

    if "torch" in sys.modules:
        wanted = int(os.environ["OMP_NUM_THREADS"])
        sys.modules["torch"].set_num_threads(min(wanted, os.cpu_count() or 1))


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """For tiny networks, and for busy machines: two threads wait for each other more than they work."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory):
    """The real networks, tiny and with random weights."""
    from playreel.core import load_bundle
    from tiny_bundle import save_tiny_bundle

    return load_bundle(save_tiny_bundle(tmp_path_factory.mktemp("weights") / "tiny"))
