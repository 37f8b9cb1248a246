"""Precision and devices of a run."""

from __future__ import annotations

import json
import os
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
        InputError: ``multi_worker`` without a TF_CONFIG that names the workers.
    """
    if asked == "mirrored":
        kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
        return tf.distribute.MirroredStrategy([device.name for device in tf.config.list_logical_devices(kind)])
    if asked == "multi_worker":
        try:
            cluster = json.loads(os.environ.get("TF_CONFIG", ""))["cluster"]["worker"]
        except (ValueError, KeyError, TypeError):
            raise InputError(
                f"TF_CONFIG {os.environ.get('TF_CONFIG', '')!r}: --strategy multi_worker needs it to name the workers, "
                'as {"cluster": {"worker": ["host:port", …]}, "task": {"type": "worker", "index": 0}}'
            ) from None
        print(f"workers: {', '.join(cluster)}")
        return tf.distribute.MultiWorkerMirroredStrategy()
    return tf.distribute.get_strategy()


def is_chief(strategy: tf.distribute.Strategy) -> bool:
    """Whether this process is the one that writes files."""
    resolver = strategy.cluster_resolver
    return resolver is None or not resolver.task_type or resolver.task_id == 0 or resolver.task_type == "chief"
