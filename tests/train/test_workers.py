"""Two real processes that train together end as one would."""

from __future__ import annotations

import json
import socket

import numpy as np
import pytest

from tests.train.scripts import run, start, variables


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("localhost", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


@pytest.mark.slow
@pytest.mark.parametrize("script", ["vaegan.py"])
def test_two_workers_train_as_one_process(script, tmp_path):
    flags = ["--epochs", "3", "--learning_rate", "1e-4"]
    alone, together = tmp_path / "alone", tmp_path / "together"
    alone.mkdir()
    together.mkdir()
    run(script, alone, *flags)
    workers = [f"localhost:{port}" for port in free_ports(2)]
    processes = [
        start(
            script,
            together,
            *flags,
            "--strategy",
            "multi_worker",
            TF_CONFIG=json.dumps({"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}}),
        )
        for index in range(2)
    ]
    printed = [process.communicate(timeout=300)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], "\n".join(text[-3000:] for text in printed)
    one, two = variables(alone), variables(together)
    assert one.keys() == two.keys()
    for name in one:
        size = max(np.abs(one[name]).max(), 0.01)
        assert np.abs(one[name] - two[name]).max() / size < 1e-4, name
    # The workers print a digest of their weights when they end.
    digests = [[line for line in text.splitlines() if line.startswith("weights:")] for text in printed]
    assert digests[0] == digests[1] != []
