"""Precision and devices of a run."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import tensorflow as tf

from tfgan_models.errors import InputError


def precision(asked: str) -> str:
    """Resolve ``auto`` to bfloat16 where the processor multiplies it fast, and say so; else to float32."""
    if asked != "auto":
        return asked
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        capability = tf.config.experimental.get_device_details(gpus[0]).get("compute_capability", (0, 0))
        fast, what = capability >= (8, 0), "the GPU's tensor cores"
    else:
        processor = Path("/proc/cpuinfo")
        instructions = processor.read_text().split() if processor.exists() else []
        fast, what = "avx512_bf16" in instructions or "amx_bf16" in instructions, "the processor's instructions"
    chosen = "bfloat16" if fast else "float32"
    print(f"precision: {chosen}, by {what} (--precision auto)")
    return chosen


def split_processor(devices: int) -> None:
    """Split the processor into virtual devices. Must come before TensorFlow's first operation."""
    if devices > 1:
        processor = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * devices)


def strategy(asked: str) -> tf.distribute.Strategy:
    """The strategy of a name: ``default``, ``mirrored`` or ``multi_worker``.

    Raises:
        InputError: ``multi_worker`` without a TF_CONFIG that names the workers, and which of them this process is.
    """
    if asked == "mirrored":
        kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
        return tf.distribute.MirroredStrategy([device.name for device in tf.config.list_logical_devices(kind)])
    if asked == "multi_worker":
        print(f"workers: {', '.join(cluster_addresses(os.environ.get('TF_CONFIG', '')))}")
        return tf.distribute.MultiWorkerMirroredStrategy()
    return tf.distribute.get_strategy()


def cluster_addresses(config: str) -> list[str]:
    """The addresses of all processes that train together, the chief's first.

    What is not checked here ends in a traceback of TensorFlow's, or in processes that wait for each other for good.

    Args:
        config: the JSON text of TF_CONFIG.

    Raises:
        InputError: it does not name the workers, or not which of them this process is.
    """
    try:
        given = json.loads(config)
        cluster, task = given["cluster"], given["task"]
        jobs = {job: cluster[job] for job in ("chief", "worker") if job in cluster}
        kind, index = task["type"], task["index"]
    except (ValueError, KeyError, TypeError):
        raise _bad_cluster(config, "needs it to name the workers and which of them this is") from None
    if not isinstance(cluster, dict) or not jobs or len(jobs) < len(cluster):
        raise _bad_cluster(config, f"knows the jobs worker and chief, not {', '.join(map(repr, cluster)) or 'none'}")
    for job, addresses in jobs.items():
        if not isinstance(addresses, list) or not addresses or not all(map(_is_address, addresses)):
            raise _bad_cluster(config, f"needs a list of host:port as {job}, not {json.dumps(addresses)}")
    if len(jobs.get("chief", [])) > 1:
        raise _bad_cluster(config, f"needs one chief, not {len(jobs['chief'])}")
    if not isinstance(kind, str) or kind not in jobs:
        raise _bad_cluster(config, f"finds no task type {json.dumps(kind)} in the cluster, only {', '.join(jobs)}")
    # TensorFlow takes "0" for 0, and what starts containers often writes that.
    if isinstance(index, bool) or not str(index).isdecimal() or int(index) >= len(jobs[kind]):
        raise _bad_cluster(config, f"needs a task index from 0 to {len(jobs[kind]) - 1}, not {json.dumps(index)}")
    return [address for addresses in jobs.values() for address in addresses]


def _is_address(text: object) -> bool:
    return isinstance(text, str) and re.fullmatch(r"\S+:\d+", text) is not None


def _bad_cluster(config: str, problem: str) -> InputError:
    return InputError(
        f"TF_CONFIG {config!r}: --strategy multi_worker {problem}; give "
        '{"cluster": {"worker": ["host:port", …]}, "task": {"type": "worker", "index": 0}}'
    )


def agree(strategy: tf.distribute.Strategy, done: int, where: str) -> None:
    """Make sure that all workers have finished equally many epochs.

    Raises:
        InputError: they have not, as they look into different folders.
    """
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return

    @tf.function
    def gather() -> tf.Tensor:
        return strategy.run(lambda: tf.distribute.get_replica_context().all_gather(tf.constant([done]), 0))

    everywhere = strategy.experimental_local_results(gather())[0].numpy().tolist()
    if len(set(everywhere)) > 1:
        raise InputError(f"{where}: the workers find {everywhere} epochs done; give a folder that all of them share")


def is_chief(strategy: tf.distribute.Strategy) -> bool:
    """Whether this process is the one that writes files: the cluster's chief, or its first worker where it has none."""
    resolver = strategy.cluster_resolver
    if resolver is None or not resolver.task_type or resolver.task_type == "chief":
        return True
    return resolver.task_type == "worker" and resolver.task_id == 0 and "chief" not in resolver.cluster_spec().jobs
