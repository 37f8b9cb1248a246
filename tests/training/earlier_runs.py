"""The flags that an earlier run left in its folder, and the same run started again."""

from __future__ import annotations

import dataclasses

from tfgan_models.training import flags as common_flags


def config(flags) -> dict:
    written = dataclasses.asdict(flags)
    written["training"]["precision"], written["data"]["pictures"] = "float32", "some pictures"
    return written


def again(folder, **changes):
    """Start the same run again in the same folder."""
    flags = changes.pop("flags", common_flags.Flags())
    given = {"algorithm": "autoencoder", "pictures": "some pictures", "precision": "float32", "chief": True, **changes}
    return type(folder)(folder.path, flags=flags, **given)
