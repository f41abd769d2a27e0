"""A kernel serves a project to a tab that has no widget: a real kernel, over a real comm."""

from __future__ import annotations

import os
import time

import pytest

from lab_server import ROOT

jupyter_client = pytest.importorskip("jupyter_client")
pytest.importorskip("ipykernel")


@pytest.fixture
def kernel(tmp_path):
    manager = jupyter_client.KernelManager(kernel_name="python3")
    paths = os.pathsep.join([str(ROOT / "studio"), str(ROOT / "widgets")])
    manager.start_kernel(cwd=str(tmp_path), env={**os.environ, "PYTHONPATH": paths})
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=240)
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def say(client, kind: str, **content) -> None:
    client.shell_channel.send(client.session.msg(kind, content))


def hear(client, true, timeout: float = 240):
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        message = client.get_iopub_msg(timeout=timeout)
        if message["msg_type"] == "comm_msg" and true(message["content"]["data"]):
            return message["content"]["data"]
    raise AssertionError("nothing was heard")


def test_a_comm_reaches_a_project_that_a_kernel_serves(kernel, tmp_path) -> None:
    code = "from playreel_widgets.attach import serve; path = serve('pitch')"
    reply = kernel.execute_interactive(code, silent=True, timeout=240)
    assert reply["content"]["status"] == "ok", reply["content"]
    path = str((tmp_path / "pitch").resolve())
    say(kernel, "comm_open", comm_id="c1", target_name="playreel", data={"project": path})
    say(kernel, "comm_msg", comm_id="c1", data={"do": "hello", "ticket": "t1"})
    told = hear(kernel, lambda data: data.get("ticket") == "t1")
    assert told["ok"] and told["value"]["path"] == path
    assert (tmp_path / "pitch" / "studio.playreel").is_file()
    # A project that was not served is refused in words.
    say(kernel, "comm_open", comm_id="c2", target_name="playreel", data={"project": "/etc"})
    refused = hear(kernel, lambda data: data.get("event") == "refused")
    assert "not open in this kernel" in refused["value"]["message"]


def test_a_studio_at_the_end_of_a_cell_shows_itself(kernel, tmp_path) -> None:
    shown = []

    def output(message) -> None:
        if message["msg_type"] == "execute_result":
            shown.append(message["content"]["data"])

    code = "from playreel import Studio; studio = Studio('pitch')\nstudio"
    for source in (code, "studio"):
        reply = kernel.execute_interactive(source, output_hook=output, timeout=240)
        assert reply["content"]["status"] == "ok", reply["content"]
    first, second = (data["application/vnd.jupyter.widget-view+json"] for data in shown)
    assert first["model_id"] == second["model_id"]
    assert "Playreel project" in shown[0]["text/html"]
    from playreel import Studio

    here = Studio(tmp_path / "shell")  # no kernel here
    assert here._repr_mimebundle_() == {"text/plain": repr(here)}
