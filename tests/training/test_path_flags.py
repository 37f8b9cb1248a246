"""Flags that name files: ``~`` filled in, places on other machines refused, for all flags of all commands."""

from __future__ import annotations

import dataclasses
import sys
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

from tfgan_models import InputError
from tfgan_models.cli import command_line, completion, train
from tfgan_models.data.cache import default_cache_dir
from tfgan_models.data.utils import user_path
from tfgan_models.training import flag_rules
from tfgan_models.training.flag_rules import MayChange
from tfgan_models.training.path_flags import ComparedByContent, IsPath, fill_in

COMMANDS = {name: train.load(name).flags for name in train.names()} | completion.FLAGS
# Flags of free text that name no file; a flag that is new has to be added here or to be marked as a path.
NO_PATHS = {
    *("attribute_columns", "background", "label_column", "condition_attributes", "label", "with_", "without"),
    *("directions", "label_names"),
    "person",
    *("augmentation", "experiment", "feature_matching", "label_attributes", "similarity_layer", "technique"),
    *("keep_best", "metric", "name", "signatures"),
    *("to",),
}
PATHS_HERE = {("studio", "label")}  # elsewhere no path
NAMES_OF_ATTRIBUTES = ("edit", "attributes")  # elsewhere a file of attributes
REQUIRED = {
    "sample": {"model": "some"},
    "edit": {"model": "some"},
    "project": {"model": "some", "image": "a.png"},
    "replay": {"run": "some"},
    "compare": {"runs": "some"},
    "export": {"model": "some"},
    "judge": {"answers": "some"},
    "push": {"model": "some", "to": "owner/name"},
    "pull": {"name": "owner/name"},
}


def text_flags(kind: type) -> Iterator[tuple[str, tuple]]:
    """The names and rules of all flags of free text, in a dataclass of flags and in its groups."""
    hints = typing.get_type_hints(kind, include_extras=True)
    for field in dataclasses.fields(kind):
        hint = hints[field.name]
        if dataclasses.is_dataclass(hint):
            yield from text_flags(typing.cast(type, hint))
            continue
        rules = getattr(hint, "__metadata__", ())
        hint = typing.get_args(hint)[0] if rules else hint
        if str in (hint, *typing.get_args(hint)):
            yield field.name, rules


PATHS = [
    (command, name, rule)
    for command, kind in COMMANDS.items()
    for name, rules in text_flags(kind)
    for rule in rules
    if isinstance(rule, IsPath)
]


def read(monkeypatch, command: str, *arguments: str):
    monkeypatch.setattr(
        sys, "argv", ["some.py", *(f"--{name}={text}" for name, text in REQUIRED.get(command, {}).items()), *arguments]
    )
    return command_line.read(COMMANDS[command])


def value(flags, name: str):
    return next(flag.value for flag in flag_rules.walk(flags) if flag.name == name)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_flag_of_free_text_is_marked_as_a_path_or_listed_as_none(command):
    for name, rules in text_flags(COMMANDS[command]):
        is_none = name in NO_PATHS or (command, name) == NAMES_OF_ATTRIBUTES
        is_none = is_none and (command, name) not in PATHS_HERE
        assert any(isinstance(rule, IsPath) for rule in rules) != is_none, name


def test_the_flags_that_name_files_are_among_them():
    marked = {name for _, name, _ in PATHS}
    assert marked >= {"run_dir", "export_dir", "data_dir", "cache_dir", "attributes", "dataset", "model", "output"}
    assert marked >= {"images", "originals", "inception_weights", "output_dir"}


@pytest.mark.parametrize("command", train.names())
def test_no_run_is_refused_for_the_spelling_of_a_path(command):
    for name, rules in text_flags(COMMANDS[command]):
        if any(isinstance(rule, IsPath) for rule in rules):
            assert any(isinstance(rule, MayChange | ComparedByContent) for rule in rules), name


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_fill_in_all_paths(command, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    paths = {name: rule.prefix for kind, name, rule in PATHS if kind == command}
    words = [word for name, prefix in paths.items() for word in (f"--{name}", f"{prefix}~/some/a b.png")]
    flags = read(monkeypatch, command, *words)
    for name, prefix in paths.items():
        filled_in = value(flags, name)
        assert (filled_in[-1] if isinstance(filled_in, tuple) else filled_in) == f"{prefix}{tmp_path}/some/a b.png"


def test_every_path_of_a_flag_that_takes_several_is_filled_in(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    flags = read(monkeypatch, "edit", "--image", "~/a.png", "b.png", "file:///c%20d.png")
    assert value(flags, "image") == (f"{tmp_path}/a.png", "b.png", "/c d.png")
    with pytest.raises(InputError, match=r"^--plus s3://bucket/x"):
        read(monkeypatch, "edit", "--plus", "a.png", "s3://bucket/x")
    flags = read(monkeypatch, "sample", "--between", "~/a.png", "b.png", "file:///c%20d.png")
    assert value(flags, "between") == (f"{tmp_path}/a.png", "b.png", "/c d.png")
    with pytest.raises(InputError, match=r"^--reconstruct s3://bucket/x"):
        read(monkeypatch, "sample", "--reconstruct", "a.png", "s3://bucket/x")


@pytest.mark.parametrize("prefix", ["zip:", "tar:"])
def test_archives_are_paths_too(monkeypatch, tmp_path, prefix):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert value(read(monkeypatch, "vae", "--dataset", f"{prefix}~/a.x"), "dataset") == f"{prefix}{tmp_path}/a.x"
    assert value(read(monkeypatch, "vae", "--dataset", f"{prefix}../a.x"), "dataset") == f"{prefix}../a.x"
    with pytest.raises(InputError, match=rf"^--dataset {prefix}s3://bucket/x"):
        read(monkeypatch, "vae", "--dataset", f"{prefix}s3://bucket/x")


def with_value(flags, name: str, text: str):
    """The flags with another value of one of them."""
    found = {}
    for field in dataclasses.fields(flags):
        group = getattr(flags, field.name)
        if dataclasses.is_dataclass(group):
            found[field.name] = with_value(group, name, text)
        elif field.name == name:
            found[name] = text
    return dataclasses.replace(flags, **found)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_path_is_filled_in_or_refused(command):
    kind = COMMANDS[command]
    flags = kind(**REQUIRED.get(command, {}))
    for name, rule in ((name, rule) for other, name, rule in PATHS if other == command):
        for given, expected in {
            "file:///some/a%20b": "/some/a b",
            "../pics/": "../pics/",
            "./a.txt": "./a.txt",
            "/pics": "/pics",
        }.items():
            filled_in = fill_in(with_value(flags, name, rule.prefix + given))
            assert value(filled_in, name) == rule.prefix + expected
        for wrong in ("s3://bucket/x", "https://example.com/x", "file://elsewhere/x", "~nobody-of-this-name/x", ""):
            with pytest.raises(InputError, match=rf"^--{name} ?{rule.prefix}{wrong}: ") as error:
                fill_in(with_value(flags, name, rule.prefix + wrong))
            assert error.value.argument == name
            assert "\n" not in str(error.value)


def test_a_url_is_no_name_of_a_data_set(monkeypatch):
    with pytest.raises(InputError, match=r"^--dataset s3://bucket/x: give folder:PATH with a path of this machine$"):
        read(monkeypatch, "vae", "--dataset", "s3://bucket/x")
    assert value(read(monkeypatch, "vae", "--dataset", "celeb_a/cropped:2.0.1"), "dataset") == "celeb_a/cropped:2.0.1"


def test_the_environment_s_cache_folder_is_read_like_a_flag(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TFGAN_MODELS_CACHE", "~/my cache")
    assert default_cache_dir() == tmp_path / "my cache"
    monkeypatch.setenv("TFGAN_MODELS_CACHE", "gs://bucket/cache")
    with pytest.raises(InputError, match=r"^TFGAN_MODELS_CACHE gs://bucket/cache: gs:// is not supported; give a path"):
        default_cache_dir()


def test_a_colon_and_two_slashes_within_a_path_are_no_scheme():
    assert user_path("my folder/a://b") == Path("my folder/a:/b")
