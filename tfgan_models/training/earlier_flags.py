"""The flags of a run that an earlier version has written. This module does not import TensorFlow."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from tfgan_models.training import flag_rules
from tfgan_models.training import flags as common_flags


def with_defaults(before: dict[str, Any], flags: common_flags.Flags) -> dict[str, Any]:
    """The flags of an earlier run, with defaults for the flags that did not exist when it began."""
    defaults = type(flags)()
    values = dataclasses.asdict(defaults)
    for flag in flag_rules.walk(defaults):
        rule = flag.rule(flag_rules.Before)
        if rule and rule.when(before):
            values[flag.group_name][flag.name] = rule.value
    values = json.loads(json.dumps(values))
    return {group: values[group] | _renamed(before, group, defaults) for group in values}


def _renamed(before: dict[str, Any], group: str, flags: common_flags.Flags) -> dict[str, Any]:
    """A group of an earlier run's flags under their present names."""
    values = dict(before.get(group, {}))
    for flag in flag_rules.walk(flags):
        rule = flag.rule(flag_rules.Was)
        if rule is None or flag.group_name != group:
            continue
        if rule.name in values:
            values[flag.name] = values.pop(rule.name)
        if flag.name in values and rule.values:
            values[flag.name] = dict(rule.values).get(values[flag.name], values[flag.name])
    return values
