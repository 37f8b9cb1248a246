"""Two real processes that train together end as one would."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import numpy as np
import pytest

from tests.cli.scripts import run, start, variables


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("localhost", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def together(script: str, folders: list[Path], *flags: str) -> tuple[list[int], list[str]]:
    """Exit codes and prints of workers that run the same command, each in its folder."""
    workers = [f"localhost:{port}" for port in free_ports(len(folders))]
    processes = [
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
    printed = [process.communicate(timeout=300)[0] for process in processes]
    return [process.returncode for process in processes], printed


@pytest.mark.slow
@pytest.mark.parametrize("script", ["vaegan.py"])
def test_two_workers_train_as_one_process_and_go_on_as_one(script, tmp_path):
    rate = ["--learning_rate", "1e-4", "--cooldown", "0"]  # which depends on --epochs
    alone, shared = tmp_path / "alone", tmp_path / "shared"
    alone.mkdir()
    shared.mkdir()
    run(script, alone, "--epochs", "4", *rate)
    for epochs in ("2", "4"):
        codes, printed = together(script, [shared, shared], "--epochs", epochs, *rate)
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
