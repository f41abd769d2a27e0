"""Rank: one of the processes that make a take together; see `playreel.film.engines.ranks`.

It is told what to open and what to make on standard input, and answers on standard output. When that input
ends, so does the process, whatever it is doing: its parent is gone.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from playreel.film.engines.parcel import Arrays, receive, send, unpacked_request

if TYPE_CHECKING:
    from playreel.film.engines.driver import Driver

LOOPBACK = "lo" if sys.platform == "linux" else "lo0"


def main() -> None:
    """Opens what it is told to, then makes what it is told to until its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no answer
    orders: queue.SimpleQueue[tuple[dict[str, Any], Arrays]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, orders), daemon=True).start()
    opening, _ = orders.get()
    try:
        rank = _Rank(opening, answers)
        while True:
            rank.make(*orders.get())
    except BaseException as error:
        with contextlib.suppress(OSError):
            send(answers, _told(error))
        os._exit(1)  # threads of the group may never end


class _Rank:
    def __init__(self, opening: dict[str, Any], answers: BinaryIO) -> None:
        self._answers, self._is_first = answers, opening["rank"] == 0
        self._driver = _opened(opening)

    def make(self, order: dict[str, Any], arrays: Arrays) -> None:
        """The first makes the frames; the others do their part of the denoising."""
        from playreel.core.watch import watching
        from playreel.film.engines.steps import Meter

        request = unpacked_request(order["make"], arrays)
        if not self._is_first:
            self._driver.denoise(request, Meter(None))
            return
        meter = Meter(lambda done, _: send(self._answers, {"step": done - 1}))
        if order["watch"]:
            with watching(lambda frame: send(self._answers, {"preview": True}, [frame])):
                self._make(request, meter)
        else:
            self._make(request, meter)

    def _make(self, request: Any, meter: Any) -> None:
        for piece in self._driver.made(request, meter):
            send(self._answers, {"piece": True}, [piece])
        send(self._answers, {"made": True})


def _opened(opening: dict[str, Any]) -> Driver:
    """The driver of the model, its transformers split over the group."""
    import torch
    import torch.distributed as group

    from playreel.film.engines.diffusion import open_driver
    from playreel.film.engines.ladder import Rung
    from playreel.film.engines.latents import LatentStore
    from playreel.film.engines.registry import find_family
    from playreel.film.engines.sharing import share
    from playreel.film.engines.variant import named

    rank, num_ranks = opening["rank"], opening["num_ranks"]
    if opening["has_cards"]:
        torch.cuda.set_device(0)  # the only one that this process sees
    else:
        torch.set_num_threads(max(1, torch.get_num_threads() // num_ranks))
    for name in ("GLOO_SOCKET_IFNAME", "NCCL_SOCKET_IFNAME"):
        os.environ.setdefault(name, LOOPBACK)
    driver = open_driver(
        find_family(opening["family"]), Path(opening["path"]), Rung(opening["rung"]),
        named(opening["model"]),
        prepare=lambda pipeline: _join(pipeline, opening, share, group),
    )  # fmt: skip
    if rank == 0 and opening["latents"]:
        driver.latents = LatentStore(Path(opening["latents"]), opening["weights"])
    return driver


def _join(pipeline: Any, opening: dict[str, Any], share: Any, group: Any) -> None:
    """Weights are loaded before: how long that takes differs, and a group waits only so long."""
    group.init_process_group(
        "cpu:gloo,cuda:nccl" if opening["has_cards"] else "gloo",
        init_method=f"file://{opening['folder']}/group",
        rank=opening["rank"],
        world_size=opening["num_ranks"],
    )
    share(pipeline, opening["rank"], opening["num_ranks"])


def _listen(stream: BinaryIO, orders: Any) -> None:
    while (parcel := receive(stream)) is not None:
        orders.put(parcel)
    os._exit(0)


def _told(error: BaseException) -> dict[str, Any]:
    from playreel.errors import PlayreelError
    from playreel.film.engines.memory import is_out_of_memory

    text = str(error) if isinstance(error, PlayreelError) else f"{type(error).__name__}: {error}"
    return {"error": text, "kind": type(error).__name__, "memory": is_out_of_memory(error)}


if __name__ == "__main__":
    main()
