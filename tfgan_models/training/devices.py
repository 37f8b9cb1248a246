"""Precision and devices of a run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import keras
import tensorflow as tf

from tfgan_models.errors import InputError

PROCESSOR = Path("/proc/cpuinfo")  # its description, on Linux


def precision(name: str, verbose: bool = True) -> str:
    """Resolve ``auto`` to bfloat16 if the hardware multiplies it fast, else to float32, and optionally print it."""
    if name != "auto":
        return name
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        capability = tf.config.experimental.get_device_details(gpus[0]).get("compute_capability", (0, 0))
        fast, reason = capability >= (8, 0), "the GPU's tensor cores"
    else:
        fast = PROCESSOR.exists() and _multiplies_bfloat16_fast(PROCESSOR.read_text())
        reason = "the processor's instructions"
    resolved = "bfloat16" if fast else "float32"
    if verbose:
        print(f"precision: {resolved}, by {reason} (--precision auto)")
    return resolved


def _multiplies_bfloat16_fast(description: str) -> bool:
    """Whether a processor multiplies bfloat16 faster than float32, from its description in ``/proc/cpuinfo``.

    By AVX-512 alone, AMD's do so at about 1.7 times the rate of float32, and Intel's at half of it.
    """
    words = set(description.split())
    return "amx_bf16" in words or {"AuthenticAMD", "avx512_bf16"} <= words


def set_precision(precision: str) -> None:
    """Set Keras' global policy to compute in a precision, with float32 weights."""
    keras.config.set_dtype_policy("float32" if precision == "float32" else f"mixed_{precision}")


def split_processor(devices: int) -> None:
    """Split the processor into virtual devices, which has to happen before TensorFlow's first operation."""
    if devices > 1:
        processor = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * devices)


def strategy(name: str) -> tf.distribute.Strategy:
    """The distribution strategy with the name ``default``, ``mirrored`` or ``multi_worker``.

    Raises:
        InputError: the name is ``multi_worker``, but TF_CONFIG does not name the workers and the task of this process.
    """
    if name == "mirrored":
        kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
        return tf.distribute.MirroredStrategy([device.name for device in tf.config.list_logical_devices(kind)])
    if name == "multi_worker":
        print(f"workers: {', '.join(cluster_addresses(os.environ.get('TF_CONFIG', '')))}")
        return tf.distribute.MultiWorkerMirroredStrategy()
    return tf.distribute.get_strategy()


def describe(strategy: tf.distribute.Strategy) -> str:
    """The devices that a run uses on this machine, in one line."""
    gpus = tf.config.list_physical_devices("GPU")
    kind = "GPU" if gpus else "CPU"
    resolver = strategy.cluster_resolver
    workers = 0 if resolver is None else len([a for job in resolver.cluster_spec().as_dict().values() for a in job])
    used = strategy.num_replicas_in_sync // max(1, workers)
    if kind == "CPU":
        text = f"{used} virtual CPUs" if used > 1 else f"CPU ({os.cpu_count()} cores)"
    else:
        name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "of unknown name")
        text = f"{used} of {len(gpus)} GPUs" if len(gpus) > 1 else "GPU"
        text += f" ({name})"
    if workers:
        text += f" on each of {workers} workers"
    elif used < len(gpus):
        text += "; --strategy mirrored uses all"
    return text


def advice(name: str, strategy: tf.distribute.Strategy) -> str:
    """Advice that follows ``describe``, if the run uses fewer devices than the user may expect; empty otherwise.

    Args:
        name: the flag ``--strategy``.
        strategy: the strategy of that name.
    """
    gpus = tf.config.list_physical_devices("GPU")
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if not gpus and has_graphics_card():
        if visible is not None and (not visible.strip() or visible.strip().startswith("-")):
            return f"; CUDA_VISIBLE_DEVICES={visible} hides the GPU of this machine"
        return (
            "; TensorFlow cannot use the GPU of this machine: pip install 'tensorflow[and-cuda]', and if that is "
            "installed, update the NVIDIA driver"
        )
    if name == "mirrored" and strategy.num_replicas_in_sync == 1:
        if not gpus:
            return "; --strategy mirrored has one device: leave it out, or split the processor by --virtual_devices 2"
        hidden = f", or list more than CUDA_VISIBLE_DEVICES={visible}" if visible else ""
        return f"; --strategy mirrored has one device: leave it out{hidden}"
    return ""


def has_graphics_card() -> bool:
    """Return whether the machine has an NVIDIA card with a driver, whatever TensorFlow sees."""
    if Path("/dev/nvidia0").exists() or any(Path("/proc/driver/nvidia/gpus").glob("*")):
        return True
    program = shutil.which("nvidia-smi")
    if program is None:
        return False
    try:  # Under Windows' subsystem for Linux, only this program knows.
        listed = subprocess.run([program, "-L"], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return listed.stdout.startswith("GPU")


def enable_determinism() -> None:
    """Let TensorFlow use deterministic operations only, until the process ends."""
    tf.config.experimental.enable_op_determinism()


def cluster_addresses(config: str) -> list[str]:
    """The addresses of all processes that train together, with the chief's first.

    TensorFlow would answer the mistakes that are caught here with a traceback, or with processes that wait for each
    other forever.

    Args:
        config: the JSON text of TF_CONFIG.

    Raises:
        InputError: the text does not name the workers, or not the task of this process.
    """
    try:
        parsed = json.loads(config)
        cluster, task = parsed["cluster"], parsed["task"]
        jobs = {job: cluster[job] for job in ("chief", "worker") if job in cluster}
        kind, index = task["type"], task["index"]
    except (ValueError, KeyError, TypeError):
        raise _bad_cluster(config, "needs the addresses of the workers, and the task of this process") from None
    if not isinstance(cluster, dict) or not jobs or len(jobs) < len(cluster):
        raise _bad_cluster(config, f"needs the jobs worker or chief, not {', '.join(map(repr, cluster)) or 'none'}")
    for job, addresses in jobs.items():
        if not isinstance(addresses, list) or not addresses or not all(map(_is_address, addresses)):
            raise _bad_cluster(config, f"needs a list of host:port as {job}, not {json.dumps(addresses)}")
    if len(jobs.get("chief", [])) > 1:
        raise _bad_cluster(config, f"needs one chief, not {len(jobs['chief'])}")
    if not isinstance(kind, str) or kind not in jobs:
        raise _bad_cluster(config, f"needs a task type of the cluster, {' or '.join(jobs)}, not {json.dumps(kind)}")
    # TensorFlow accepts "0" for 0, and container launchers often write it.
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


def check_same_epoch(strategy: tf.distribute.Strategy, epochs_done: int, where: str) -> None:
    """Check that all workers have finished the same number of epochs.

    Raises:
        InputError: the numbers differ, because the workers have different folders.
    """
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return

    @tf.function
    def gather() -> tf.Tensor:
        return strategy.run(lambda: tf.distribute.get_replica_context().all_gather(tf.constant([epochs_done]), 0))

    epochs_of_workers = strategy.experimental_local_results(gather())[0].numpy().tolist()
    if len(set(epochs_of_workers)) > 1:
        raise InputError(
            f"{where}: the workers see {epochs_of_workers} epochs done; give a folder that all workers share"
        )


def is_chief(strategy: tf.distribute.Strategy) -> bool:
    """Return whether this process writes files: it is the cluster's chief, or the first worker if there is no chief."""
    resolver = strategy.cluster_resolver
    if resolver is None or not resolver.task_type or resolver.task_type == "chief":
        return True
    return resolver.task_type == "worker" and resolver.task_id == 0 and "chief" not in resolver.cluster_spec().jobs
