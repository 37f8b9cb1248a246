"""Which process writes, and which clusters are refused in one line."""

from __future__ import annotations

import json
import os
from types import SimpleNamespace

import pytest
import tensorflow as tf

from tfgan_models import InputError
from tfgan_models.training import devices

WORKERS = {"worker": ["a:1", "b:2"]}
WITH_CHIEF = {"chief": ["a:1"], "worker": ["b:2", "c:3"]}


def config(cluster: object, kind: object = "worker", index: object = 0) -> str:
    return json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})


@pytest.mark.parametrize(
    ("processor", "precision"),
    [
        ("vendor_id : AuthenticAMD\nflags : avx2 avx512f avx512_bf16", "bfloat16"),
        ("vendor_id : GenuineIntel\nflags : avx2 avx512f avx512_bf16", "float32"),
        ("vendor_id : GenuineIntel\nflags : avx2 avx512_bf16 amx_bf16", "bfloat16"),
        ("vendor_id : AuthenticAMD\nflags : avx2", "float32"),
    ],
)
def test_the_faster_precision_of_a_processor_is_chosen(processor, precision, tmp_path, monkeypatch):
    (tmp_path / "cpuinfo").write_text(processor)
    monkeypatch.setattr(devices, "PROCESSOR", tmp_path / "cpuinfo")
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    assert devices.precision("auto", verbose=False) == precision
    assert devices.precision("float32", verbose=False) == "float32"


@pytest.mark.parametrize(
    ("cluster", "chief"),
    [(WORKERS, ("worker", 0)), (WITH_CHIEF, ("chief", 0)), ({"chief": ["a:1"]}, ("chief", 0))],
    ids=["workers", "with a chief", "a chief alone"],
)
def test_one_process_writes(cluster, chief, monkeypatch):
    writing = []
    for kind, addresses in cluster.items():
        for index in range(len(addresses)):
            monkeypatch.setenv("TF_CONFIG", config(cluster, kind, index))
            resolver = tf.distribute.cluster_resolver.TFConfigClusterResolver()
            if devices.is_chief(SimpleNamespace(cluster_resolver=resolver)):
                writing.append((kind, index))
    assert writing == [chief]


def test_a_process_alone_writes():
    assert devices.is_chief(tf.distribute.get_strategy())
    assert devices.is_chief(tf.distribute.MirroredStrategy(["CPU:0"]))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (config(WORKERS, index=1), ["a:1", "b:2"]),
        (config(WORKERS, index="1"), ["a:1", "b:2"]),
        (config(WITH_CHIEF), ["a:1", "b:2", "c:3"]),
        (config(WITH_CHIEF, "chief"), ["a:1", "b:2", "c:3"]),
        (config({"worker": ["[::1]:80"]}), ["[::1]:80"]),
    ],
)
def test_whole_clusters(given, expected):
    assert devices.cluster_addresses(given) == expected


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", "the addresses of the workers"),
        ("{", "the addresses of the workers"),
        ("[]", "the addresses of the workers"),
        ('"text"', "the addresses of the workers"),
        ('{"task": {"type": "worker", "index": 0}}', "the addresses of the workers"),
        (json.dumps({"cluster": WORKERS}), "the task of this process"),
        (json.dumps({"cluster": WORKERS, "task": {}}), "the task of this process"),
        (json.dumps({"cluster": WORKERS, "task": {"type": "worker"}}), "the task of this process"),
        (json.dumps({"cluster": WORKERS, "task": "worker"}), "the task of this process"),
        (config("worker"), "the addresses of the workers"),
        (config(["worker"]), "the addresses of the workers"),
        (config({}), "not none"),
        (config({"ps": ["a:1"], "worker": ["b:2"]}, "ps"), "'ps'"),
        (config(WORKERS, "ps"), 'not "ps"'),
        (config(WORKERS, "chief"), 'not "chief"'),
        (config(WORKERS, ["worker"]), 'not ["worker"]'),
        (config(WORKERS, index=2), "from 0 to 1, not 2"),
        (config(WORKERS, index=-1), "not -1"),
        (config(WORKERS, index=None), "not null"),
        (config(WORKERS, index=True), "not true"),
        (config(WORKERS, index=0.0), "not 0.0"),
        (config({"worker": []}), "as worker, not []"),
        (config({"worker": "host:1"}), 'as worker, not "host:1"'),
        (config({"worker": ["host"]}), 'as worker, not ["host"]'),
        (config({"worker": [1]}), "as worker, not [1]"),
        (config({"chief": ["a:1", "b:2"], "worker": ["c:3"]}), "one chief, not 2"),
    ],
)
def test_half_a_cluster_is_refused_in_one_line(given, words, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", given)
    with pytest.raises(InputError) as error:
        devices.strategy("multi_worker")
    assert words in str(error.value)
    assert repr(given) in str(error.value)
    assert "\n" not in str(error.value)


def describe(monkeypatch, devices_of_machine: list[str], replicas: int = 1, workers: int = 0) -> str:
    """The line of a machine with these graphics cards."""
    cards = [SimpleNamespace(name=name) for name in devices_of_machine]
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: cards if kind == "GPU" else [])
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda card: {"device_name": card.name})
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    cluster = tf.train.ClusterSpec({"worker": [f"{name}:1" for name in "abcd"[:workers]]})
    resolver = SimpleNamespace(cluster_spec=lambda: cluster) if workers else None
    return devices.describe(SimpleNamespace(cluster_resolver=resolver, num_replicas_in_sync=replicas))


def advice(monkeypatch, strategy: str = "default", gpus: int = 0, card: bool = False, replicas: int = 1) -> str:
    """The advice on a machine with or without a card, of whose GPUs TensorFlow sees some."""
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [SimpleNamespace()] * gpus)
    monkeypatch.setattr(devices, "has_graphics_card", lambda: card)
    return devices.advice(strategy, SimpleNamespace(num_replicas_in_sync=replicas))


def test_advice_says_what_to_install_or_to_do(monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    for strategy, replicas in (("default", 1), ("mirrored", 2)):
        assert advice(monkeypatch, strategy, replicas=replicas) == ""
        assert advice(monkeypatch, strategy, 2, True, replicas) == ""
    assert "pip install 'tensorflow[and-cuda]'" in advice(monkeypatch, card=True)
    assert "--virtual_devices 2" in advice(monkeypatch, "mirrored")
    assert advice(monkeypatch, "mirrored", 1, True).endswith("--strategy mirrored has one device: leave it out")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert advice(monkeypatch, "mirrored", 1, True).endswith("or list more than CUDA_VISIBLE_DEVICES=0")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert advice(monkeypatch, card=True) == "; CUDA_VISIBLE_DEVICES=-1 hides the GPU of this machine"
    assert advice(monkeypatch) == ""


@pytest.mark.parametrize(
    ("lines", "has_card"), [("echo 'GPU 0: T4 (UUID: GPU-1)'", True), ("echo No devices", False), ("exit 9", False)]
)
def test_a_card_is_found_by_the_program_of_its_driver(lines, has_card, tmp_path, monkeypatch):
    monkeypatch.setattr(devices, "Path", lambda path: tmp_path / path.strip("/"))  # without the files of this machine
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{lines}\n")
    program.chmod(0o755)
    assert devices.has_graphics_card() == has_card
    program.unlink()
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "nvidia0").touch()
    assert devices.has_graphics_card()


def test_the_devices_of_a_run_are_one_line(monkeypatch):
    assert describe(monkeypatch, []) == "CPU (8 cores)"
    assert describe(monkeypatch, [], replicas=2) == "2 virtual CPUs"
    assert describe(monkeypatch, ["A100"]) == "GPU (A100)"
    assert describe(monkeypatch, ["A100"] * 4) == "1 of 4 GPUs (A100); --strategy mirrored uses all"
    assert describe(monkeypatch, ["A100"] * 4, replicas=4) == "4 of 4 GPUs (A100)"
    assert describe(monkeypatch, ["A100"] * 2, replicas=4, workers=2) == "2 of 2 GPUs (A100) on each of 2 workers"
    assert describe(monkeypatch, [], replicas=3, workers=3) == "CPU (8 cores) on each of 3 workers"
