"""An engine that spreads jobs over the machines of a Ray cluster.

To the project's worker it is an engine like the local one, with more slots. It packs what a job
needs, sends it to an actor that has the models, and takes what comes back into the project by its
content hash: machines share no disk. What travels is bytes and JSON text, never an object.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playreel.errors import InputError, MissingExtraError, PlayreelError, WorkerError
from playreel.jobs.engine import Voice, take_over_output
from playreel.jobs.failure import explain
from playreel.jobs.operation import Operation, Parcel, find_operation, load_operations
from playreel.jobs.ray_stage import RemoteStage

AUTO = "ray"  # the cluster that RAY_ADDRESS names, or one on this machine alone
LOOK_S = 0.1
STOP_S = 0.6  # for an operation to stop at its next frame, before its machine's process is ended
# A machine is not kept waiting: a paused job lets go of it and starts anew when it is resumed.
STOPPED = {"stop": "stopped", "hold": "released"}
OBJECT_BYTES = 256 << 20  # takes are small
WORKERS = "PLAYREEL_RAY_WORKERS"  # how many to have; all processors of the cluster if not set
GPUS = "PLAYREEL_RAY_GPUS"  # of each worker
LOCAL_CLUSTER = "local"  # Ray's word for a new cluster on this machine
KNOCK_S = 10.0
SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is told to anybody
    "RAY_NUM_REDIS_GET_RETRIES": "1",  # each takes a minute, and there are twenty
}
LOCAL_SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # For this machine alone: only so does Ray believe that its address is 127.0.0.1, on Linux too,
    # and listen nowhere else.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_gcs_server_port_wait_time_s": "120",  # on a busy machine
    "RAY_worker_niceness": "0",  # as the local worker's: at Ray's 15 a busy machine starves them
}
NO_RAY = "Running jobs on several machines needs Ray: pip install 'playreel[ray]'"


class StartTimeoutError(WorkerError):
    """A cluster of this machine took longer to start than Ray waits; it may well start next time.

    Ray gives its own helpers 15 seconds, whatever else the machine does (ray-project/ray#65983).
    """


class RayEngine:
    """Takes orders from the worker and has them carried out on the cluster.

    Args:
        project: the project folder.
        operations: module that registers the operations.
        address: ``"ray"`` or a cluster's address.
        voice: to the worker.
    """

    def __init__(self, project: Path, operations: str, address: str, voice: Voice) -> None:
        self.project, self._module, self._voice = project, operations, voice
        self._operations = load_operations(operations)
        self._ray = _connect(address)
        # Only bytes are passed, and a lost actor is ours to replace: its job's owner is to know.
        self._actor = self._ray.remote(
            num_cpus=1,
            num_gpus=float(os.environ.get(GPUS) or 0),
            max_concurrency=4,
            max_restarts=0,
            max_task_retries=0,
        )(RemoteStage)
        self.slots = max(1, int(os.environ.get(WORKERS) or self._cpus()))
        self._free = [self._start() for _ in range(self.slots)]
        self._lock = threading.Lock()
        self._orders: dict[str, str] = {}

    def serve(self, orders: Any) -> None:
        """Until the worker goes."""
        self._voice.say("ready", slots=self.slots, pid=os.getpid())
        for line in orders:
            order = json.loads(line)
            if order["do"] == "run":
                self._orders[order["job"]] = "go"
                threading.Thread(
                    target=self._guarded,
                    args=(order["job"], order["operation"], order["options"]),
                    daemon=True,
                ).start()
            elif order["job"] in self._orders:
                self._orders[order["job"]] = order["do"]
        self._ray.shutdown()
        os._exit(0)

    def _cpus(self) -> int:
        return int(self._ray.cluster_resources().get("CPU", 1))

    def _start(self) -> Any:
        return self._actor.remote(self._module)

    def _guarded(self, job: str, name: str, options: dict[str, Any]) -> None:
        try:
            self._run(job, find_operation(self._operations, name), name, options)
        except BaseException as error:
            traceback.print_exc()
            self._voice.say("failed", job, failure=explain(error).document())
        finally:
            self._orders.pop(job, None)

    def _run(self, job: str, known: Operation, name: str, options: dict[str, Any]) -> None:
        if known.pack is None or known.accept is None:
            raise InputError(f"{name} needs this machine's files. Queue it with executor='local'.")
        parcel = known.pack(self.project, options)
        with self._lock:
            stage = self._free.pop(0)  # the one that has been up longest: others may yet start
        try:
            text, files = self._follow(job, stage, name, options, dict(parcel.files))
        except BaseException as error:
            self._replace(stage)
            if not isinstance(error, self._ray.exceptions.RayError):
                raise
            if self._orders[job] != "go":
                self._voice.say(STOPPED[self._orders[job]], job)
            else:
                why = str(error).strip().splitlines()[0][:160]
                self._voice.say("lost", job, why=f"the machine that ran it was lost ({why})")
            return
        with self._lock:
            self._free.append(stage)
        message = json.loads(text)
        if message["kind"] == "result":
            message["result"] = known.accept(self.project, message["result"], Parcel(files=files))
        kind = message.pop("kind")
        if kind == "stopped":
            kind = STOPPED.get(self._orders[job], "stopped")
        self._voice.say(kind, job, **message)

    def _follow(
        self, job: str, stage: Any, name: str, options: dict[str, Any], files: dict[str, bytes]
    ) -> tuple[str, dict[str, bytes]]:
        """Passes news on and orders down until the job ends; raises when its machine is lost."""
        ray = self._ray
        running = stage.run.remote(name, json.dumps(options), files)
        where: Any = stage.where.remote()
        look, asked_at, told = stage.look.remote(), 0.0, (0, 0)
        while True:
            ready, _ = ray.wait([running, look], timeout=LOOK_S)
            if running in ready:
                return ray.get(running)
            if self._orders[job] != "go":
                if not asked_at:
                    asked_at = time.monotonic()
                    stage.stop.remote()
                elif time.monotonic() - asked_at > STOP_S:
                    ray.kill(stage)
            if where is not None and ray.wait([where], timeout=0)[0]:
                host, pid = ray.get(where)
                self._voice.say("placed", job, host=host, pid=pid)
                where = None
            if look in ready:
                done, total, picture = ray.get(look)
                if total and (done, total) != told:
                    told = (done, total)
                    self._voice.say("progress", job, done=done, total=total)
                if picture is not None:
                    png = base64.b64encode(picture[1]).decode()
                    self._voice.say("preview", job, index=picture[0], png=png)
                time.sleep(LOOK_S)
                look = stage.look.remote()

    def _replace(self, stage: Any) -> None:
        with self._lock:
            try:
                self._ray.kill(stage)
            except Exception:
                traceback.print_exc()
            self._free.append(self._start())


def _connect(address: str) -> Any:
    """Ray, connected.

    Raises:
        MissingExtraError: it is not installed.
        WorkerError: the cluster does not answer.
        StartTimeoutError: a cluster of this machine took too long to start.
    """
    if address == AUTO:
        address = os.environ.get("RAY_ADDRESS") or LOCAL_CLUSTER
    for name, value in (LOCAL_SETTINGS if address == LOCAL_CLUSTER else SETTINGS).items():
        os.environ.setdefault(name, value)  # read when Ray is imported
    if address != LOCAL_CLUSTER:
        _knock(address)
    try:
        import ray
        import ray.exceptions
    except ImportError as error:
        raise MissingExtraError(NO_RAY) from error
    options: dict[str, Any] = {"log_to_driver": False, "configure_logging": False}
    if address == LOCAL_CLUSTER:
        options |= {
            "include_dashboard": False,
            "object_store_memory": OBJECT_BYTES,
            "num_cpus": int(os.environ.get(WORKERS) or os.cpu_count() or 1),
            "_node_ip_address": "127.0.0.1",
        }
    try:
        ray.init(address=address, **options)
    except Exception as error:  # Ray raises bare ones
        why = (str(error).splitlines() or [type(error).__name__])[0][:200].rstrip(".")
        if address == LOCAL_CLUSTER and "timed out" in why.lower():
            raise StartTimeoutError(
                f"Ray did not start on this machine in time: {why}. Close other programs and retry, "
                "or use executor='local'."
            ) from error
        raise _silent(
            address,
            f"{why}. Something listens there: if it is a cluster of Ray {ray.__version__}, its token "
            "may be needed here (RAY_AUTH_MODE=token and RAY_AUTH_TOKEN)",
        ) from error
    return ray


def _knock(address: str) -> None:
    """Tells at once of an address where nobody listens; Ray itself would try for many minutes.

    Raises:
        WorkerError: nobody listens there.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdigit():
        return  # such as "auto": a name that Ray resolves
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=KNOCK_S).close()
    except (OSError, OverflowError) as error:
        raise _silent(address, str(error)) from error


def _silent(address: str, why: str) -> WorkerError:
    return WorkerError(
        f"The Ray cluster {address!r} does not answer: {why}. Check the address, or use "
        "executor='local'."
    )


def main(
    arguments: list[str], start: Callable[[Path, str, str, Voice], RayEngine] = RayEngine
) -> None:
    """``python -m playreel.jobs.ray_engine PROJECT OPERATIONS ADDRESS``, started by the worker."""
    voice = Voice(take_over_output())
    try:
        engine = start(Path(arguments[0]), arguments[1], arguments[2], voice)
    except PlayreelError as error:
        again = isinstance(error, StartTimeoutError)
        voice.say("unusable", failure=explain(error).document(), again=again)
        return
    engine.serve(sys.stdin)


if __name__ == "__main__":
    main(sys.argv[1:])
