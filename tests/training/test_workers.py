"""Two real processes that train together end as one would."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from tests.cli.scripts import Script, run, start, variables
from tfgan_models.cli.exits import one_line_errors
from tfgan_models.training.workers import one_line_if_another_stops


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("localhost", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def start_together(script: str, folders: list[Path], *flags: str) -> list[Script]:
    """Start workers that run the same command, each in its folder."""
    workers = [f"localhost:{port}" for port in free_ports(len(folders))]
    return [
        start(
            script,
            folder,
            *flags,
            "--strategy",
            "multi_worker",
            TF_CONFIG=json.dumps({"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}}),
        )
        for index, folder in enumerate(folders)
    ]


def together(script: str, folders: list[Path], *flags: str) -> tuple[list[int], list[str]]:
    """Exit codes and prints of workers that run the same command, each in its folder."""
    processes = start_together(script, folders, *flags)
    printed = [process.communicate(timeout=300)[0] for process in processes]
    return [process.returncode for process in processes], printed


@pytest.mark.slow
@pytest.mark.parametrize("script", ["vaegan.py"])
def test_two_workers_train_as_one_process_and_go_on_as_one(script, tmp_path):
    flags = ["--learning_rate", "1e-4", "--cooldown", "0"]  # which depends on --epochs
    flags += ["--no-health", "--pictures_every", "4"]  # which take most of so short a run
    alone, shared = tmp_path / "alone", tmp_path / "shared"
    alone.mkdir()
    shared.mkdir()
    run(script, alone, "--epochs", "4", *flags)
    for epochs in ("2", "4"):
        codes, printed = together(script, [shared, shared], "--epochs", epochs, *flags)
        assert codes == [0, 0], "\n".join(text[-3000:] for text in printed)
    assert all("2 epochs done" in text for text in printed)
    one, two = variables(alone), variables(shared)
    assert one.keys() == two.keys()
    for name in one:
        size = max(np.abs(one[name]).max(), 0.01)
        assert np.abs(one[name] - two[name]).max() / size < 1e-4, name
    # The workers print a digest of their weights when they end.
    digests = [[line for line in text.splitlines() if line.startswith("weights:")] for text in printed]
    assert digests[0] == digests[1] != []


@pytest.mark.slow
def test_workers_that_share_no_folder_are_refused_where_they_would_differ(tmp_path):
    chief, other = tmp_path / "chief", tmp_path / "other"
    chief.mkdir()
    other.mkdir()
    run("gan.py", chief, "--epochs", "1")
    codes, printed = together("gan.py", [chief, other], "--epochs", "2")
    assert codes == [2, 2]
    for text in printed:
        assert "the workers see [1, 0] epochs done; give a folder that all workers share" in text


# What TensorFlow 2.21 said when one of two workers was killed.
CLOSED = """{{function_node CollectiveReduceV2_/job:worker/replica:0/task:1/device:CPU:0}} Collective ops is \
aborted by: recvmsg:Connection reset by peer
Additional GRPC error information from remote target /job:worker/replica:0/task:0 while calling \
/tensorflow.WorkerService/CompleteInstance:
:UNKNOWN:Error received from peer  {grpc_message:"recvmsg:Connection reset by peer", grpc_status:14}
The error could be from a previous operation. Restart your program to reset. [Op:CollectiveReduceV2] name: """
SILENT = """{{function_node CollectiveReduceV2_/job:worker/replica:0/task:0/device:CPU:0}} Collective ops is \
aborted by: Error reported from /job:worker/task:1: The following tasks are unhealthy (stopped sending heartbeats):
/job:worker/replica:0/task:1
The tasks have crashed. Check the task logs for an earlier error, or scheduler events to debug further. [Op:X] name: """
UNNAMED = "Collective ops is aborted by: Socket closed"


@pytest.mark.parametrize(
    ("message", "index", "named"),
    [
        (CLOSED, 1, "worker 0 at a:1"),
        (SILENT, 0, "worker 1 at b:2"),
        (UNNAMED, 0, "another worker"),
        (UNNAMED.replace("by:", "by /job:worker/task:9"), 0, "worker 9"),
    ],
)
def test_a_worker_that_stops_is_named_in_a_line_to_the_others(message, index, named, monkeypatch, capsys):
    config = {"cluster": {"worker": ["a:1", "b:2"]}, "task": {"type": "worker", "index": index}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(config))
    with pytest.raises(SystemExit) as stop, one_line_errors(), one_line_if_another_stops("multi_worker"):
        raise tf.errors.UnavailableError(None, None, message)
    assert stop.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(
        f": error: {named} has stopped, and its own output says why: run the same command on all workers to resume "
        "from the last checkpoint"
    )


@pytest.mark.parametrize(
    ("strategy", "error"),
    [
        ("default", tf.errors.UnavailableError(None, None, CLOSED)),
        ("multi_worker", tf.errors.InternalError(None, None, "a defect of ours")),
        ("multi_worker", tf.errors.InvalidArgumentError(None, None, UNNAMED)),
    ],
)
def test_other_errors_keep_their_traceback(strategy, error):
    with pytest.raises(type(error)) as caught, one_line_if_another_stops(strategy):
        raise error
    assert caught.value is error


@pytest.mark.slow
@pytest.mark.parametrize("killed", [0, 1])
def test_a_killed_worker_ends_the_other_in_a_line_and_the_same_command_resumes(killed, tmp_path):
    flags = ["--batch_size", "32", "--learning_rate", "1e-4", "--cooldown", "0"]
    processes = start_together("vae.py", [tmp_path, tmp_path], "--epochs", "5000", *flags)
    checkpoints, deadline = tmp_path / "run" / "checkpoints", time.monotonic() + 240
    while not list(checkpoints.glob("epoch-*")):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    processes[killed].kill()
    printed, _ = processes[1 - killed].communicate(timeout=180)
    assert processes[1 - killed].returncode == 1, printed[-3000:]
    assert "Traceback" not in printed
    assert f"vae.py: error: worker {killed} at localhost:" in printed
    processes[killed].communicate()
    done = int(max(path.name for path in checkpoints.glob("epoch-*")).removeprefix("epoch-"))
    codes, printed = together("vae.py", [tmp_path, tmp_path], "--epochs", str(done + 1), *flags)
    assert codes == [0, 0], "\n".join(text[-3000:] for text in printed)
    assert all(f"{done} epoch{'s' * (done != 1)} done" in text for text in printed)
