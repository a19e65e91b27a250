"""Plug-ins that other distributions bring: found, isolated from each other, and checked."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from eqlx import registry
from eqlx.diagnostics import Diagnostic, EqlxError

GOOD_TARGET = """
from eqlx.capability import Exact, Feature

class Target:
    api_version = {api}
    name = "stranger"
    summary = "a stranger's target"
    dialects = ("one",)
    options = ()
    suffix = ".txt"

    def capabilities(self, dialect, options):
        return dict.fromkeys(Feature, Exact())

    def lower(self, request):
        return request.eql()

    def emit(self, tree, request):
        return tree + "\\n"

TARGET = Target()
"""

GOOD_EXECUTOR = """
class Executor:
    api_version = 1
    name = "stranger"
    summary = "a stranger's engine"
    target = None
    dialect = None

    def open(self, dataset, model, bounds):
        raise RuntimeError

EXECUTOR = Executor()
"""


class Site:
    """A folder on the search path with fake installed distributions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.modules: list[str] = []

    def install(self, name: str, version: str, entry_points: str, **modules: str) -> None:
        info = self.folder / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        info.joinpath("METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        info.joinpath("entry_points.txt").write_text(entry_points)
        for module, text in modules.items():
            self.folder.joinpath(f"{module}.py").write_text(text)
            self.modules.append(module)
        importlib.invalidate_caches()


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    site = Site(tmp_path)
    yield site
    for module in site.modules:
        sys.modules.pop(module, None)


def refused(name: str, load=registry.load_target) -> Diagnostic:
    with pytest.raises(EqlxError) as caught:
        load(name)
    (diagnostic,) = caught.value.diagnostics
    return diagnostic


def test_built_ins_register_as_strangers_do():
    assert {"elasticsearch", "eql", "sigma", "sql"} <= set(registry.targets())
    assert {"duckdb", "reference"} <= set(registry.executors())


def test_listing_imports_nothing(site):
    site.install(
        "bomb", "1.0", "[eqlx.targets]\nbomb = bomb_module:TARGET\n",
        bomb_module="raise RuntimeError('imported')",
    )  # fmt: skip
    handle = registry.targets()["bomb"]
    assert str(handle.providers[0]) == "bomb 1.0"
    assert "bomb_module" not in sys.modules


def test_a_strangers_target_loads(site):
    site.install(
        "eqlx-stranger", "2.1", "[eqlx.targets]\nstranger = stranger_target:TARGET\n",
        stranger_target=GOOD_TARGET.format(api=1),
    )  # fmt: skip
    assert registry.load_target("stranger").summary == "a stranger's target"


def test_a_strangers_executor_loads(site):
    site.install(
        "eqlx-engine", "2.1", "[eqlx.executors]\nstranger = stranger_engine:EXECUTOR\n",
        stranger_engine=GOOD_EXECUTOR,
    )  # fmt: skip
    assert registry.load_executor("stranger").target is None


def test_unknown_names_get_the_nearest_known_one():
    assert refused("elasticsaerch").help.startswith("did you mean `elasticsearch`?")
    diagnostic = refused("duckbd", registry.load_executor)
    assert diagnostic.code == "unknown-executor"
    assert "`duckdb`" in diagnostic.help
    assert refused("xxxxxxxxxx").help.startswith("known targets: ")


def test_a_failure_to_load_names_distribution_version_and_cause(site):
    site.install(
        "eqlx-broken", "0.3", "[eqlx.targets]\nbroken = broken_target:TARGET\n",
        broken_target="import no_such_library",
    )  # fmt: skip
    diagnostic = refused("broken")
    assert diagnostic.code == "plugin-broken"
    assert "`eqlx-broken 0.3`" in diagnostic.message
    assert "No module named 'no_such_library'" in diagnostic.message


def test_a_plugin_that_exits_on_import_is_still_a_diagnostic(site):
    site.install(
        "eqlx-exits", "0.3", "[eqlx.targets]\nexits = exits_target:TARGET\n",
        exits_target="raise ValueError",
    )  # fmt: skip
    assert refused("exits").code == "plugin-broken"


def test_a_missing_attribute_of_the_entry_point_is_a_failure_to_load(site):
    site.install(
        "eqlx-gone", "1", "[eqlx.targets]\ngone = gone_target:TARGET\n", gone_target="X = 1"
    )
    assert "TARGET" in refused("gone").message


def test_two_distributions_with_one_name_are_both_named(site):
    for name in ("first-one", "second-one"):
        module = name.replace("-", "_")
        site.install(
            name, "1.0", f"[eqlx.targets]\ntwice = {module}:TARGET\n",
            **{module: GOOD_TARGET.format(api=1)},
        )  # fmt: skip
    diagnostic = refused("twice")
    assert diagnostic.code == "plugin-conflict"
    assert "`first-one 1.0` and `second-one 1.0`" in diagnostic.message
    assert registry.targets()["twice"].is_conflict
    assert "first_one" not in sys.modules


def test_a_stranger_cannot_take_a_built_in_name_silently(site):
    site.install(
        "usurper", "6.6", "[eqlx.targets]\neql = usurper_target:TARGET\n",
        usurper_target=GOOD_TARGET.format(api=1),
    )  # fmt: skip
    diagnostic = refused("eql")
    assert diagnostic.code == "plugin-conflict"
    assert "usurper 6.6" in diagnostic.message


def test_a_conflict_leaves_other_plugins_alone(site):
    site.install(
        "usurper", "6.6", "[eqlx.targets]\nsigma = usurper_target:TARGET\n",
        usurper_target=GOOD_TARGET.format(api=1),
    )  # fmt: skip
    assert registry.load_target("eql").name == "eql"


def test_another_api_version_is_refused(site):
    site.install(
        "eqlx-old", "0.1", "[eqlx.targets]\nold = old_target:TARGET\n",
        old_target=GOOD_TARGET.format(api=0),
    )  # fmt: skip
    diagnostic = refused("old")
    assert diagnostic.code == "plugin-api-version"
    assert "protocol 0, expected 1" in diagnostic.message


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        (("    suffix", "    other"), "`suffix`"),
        (('dialects = ("one",)', "dialects = ()"), "`dialects`"),
        (('summary = "a stranger\'s target"', "summary = None"), "`summary`"),
        (("def emit", "def omit"), "`emit`"),
        (("api_version", "api_revision"), "`api_version`"),
        (("TARGET = Target()", "TARGET = Target"), "`object (found a class)`"),
        (("TARGET = Target()", "TARGET = None"), "`api_version`"),
    ],
)
def test_what_does_not_satisfy_the_protocol_is_refused(site, change, missing):
    text = GOOD_TARGET.format(api=1)
    assert change[0] in text
    site.install(
        "eqlx-wrong", "0.1", "[eqlx.targets]\nwrong = wrong_target:TARGET\n",
        wrong_target=text.replace(*change),
    )  # fmt: skip
    diagnostic = refused("wrong")
    assert diagnostic.code == "plugin-protocol"
    assert missing in diagnostic.message
    assert "eqlx-wrong 0.1" in diagnostic.message
