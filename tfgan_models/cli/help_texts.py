"""Help texts of flags, as lines without breaks, which flow to the width of the terminal.

Tyro keeps the line breaks of a docstring whose lines are indented, as those of all flags are. So it gets the texts from
here.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import inspect
import itertools
import textwrap
import typing
from typing import Any

import tyro
from tyro.constructors import ConstructorRegistry, StructConstructorSpec, StructFieldSpec, StructTypeInfo

FLOWING = ConstructorRegistry()


@FLOWING.struct_rule
def _dataclass_of_flags(info: StructTypeInfo) -> StructConstructorSpec | None:
    """Describe a dataclass as tyro does, but with other help texts."""
    if not dataclasses.is_dataclass(info.type):
        return None
    types = typing.get_type_hints(info.type, include_extras=True)
    fields = (
        StructFieldSpec(
            name=field.name,
            type=types[field.name],
            default=_default(field, info.default),
            helptext=functools.partial(_help_text, info.type, field.name),
        )
        for field in dataclasses.fields(info.type)
    )
    return StructConstructorSpec(instantiate=info.type, fields=tuple(fields))


def _default(field: dataclasses.Field, instance: Any) -> Any:
    """The default of a field: that of an instance, such as a preset, or else that of the class."""
    if dataclasses.is_dataclass(instance):
        return getattr(instance, field.name)
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return tyro.MISSING_NONPROP if field.default is dataclasses.MISSING else field.default


def _help_text(kind: type, name: str) -> str | None:
    """The docstring of a flag, as one line."""
    for parent in kind.__mro__:
        if text := _docstrings(parent).get(name):
            return " ".join(text.split())
    return None


@functools.cache
def _docstrings(kind: type) -> dict[str, str]:
    """The docstrings after the fields of a dataclass. A class without source, such as ``object``, has none."""
    try:
        source = inspect.getsource(kind)
    except (OSError, TypeError):
        return {}
    (definition,) = ast.parse(textwrap.dedent(source)).body
    assert isinstance(definition, ast.ClassDef)
    texts = {}
    for field, text in itertools.pairwise(definition.body):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            texts[ast.unparse(field.target)] = str(text.value.value)
    return texts
