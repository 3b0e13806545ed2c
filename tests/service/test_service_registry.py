"""Registries: names, clones and the catalog."""

from __future__ import annotations

import pytest

from refexec.context import Context, background
from refexec.errors import AlreadyExistsError, ServiceNameError
from refexec.packet import Packet
from refexec.runtime.protocols import Sender
from refexec.service import CatalogEntry, InstanceBase, InstanceConfig, Properties, Registry


class Idle(InstanceBase):
    def handle(self, ctx: Context, send: Sender, packet: Packet) -> Packet | None:
        return None


class Named:
    def __init__(self, name: str, revision: str = "0", found: bool = True) -> None:
        self.properties = Properties(name, revision)
        self.found = found

    def discoverable(self, ctx: Context) -> bool:
        return self.found

    def create_instance(self, ctx: Context, config: InstanceConfig, snapshot: bytes | None) -> Idle:
        return Idle()


def test_s118_registering_a_name_twice_is_refused() -> None:
    registry = Registry()
    registry.register(first := Named("x"))
    with pytest.raises(AlreadyExistsError, match=r'^service "x" already registered$'):
        registry.register(Named("x"))
    assert registry.lookup("x") is first


def test_s118_must_register_replaces() -> None:
    registry = Registry()
    registry.register(Named("x"))
    registry.must_register(second := Named("x"))
    assert registry.lookup("x") is second
    with pytest.raises(ServiceNameError):
        registry.must_register(Named(""))


def test_s118_a_clone_shadows_and_sees_what_its_parent_gets_later() -> None:
    parent = Registry()
    parent.register(old := Named("x"))
    clone = parent.clone()
    assert clone.lookup("x") is old
    clone.register(new := Named("x"))
    assert clone.lookup("x") is new
    assert parent.lookup("x") is old
    parent.register(later := Named("y"))
    assert clone.clone().lookup("y") is later
    assert clone.lookup("z") is None


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("", "service name string is empty"),
        ("a" * 128, "service name string is too long"),
        ("é" * 64, "service name string is too long"),
        ("a b", "service name string contains invalid characters"),
        ("a+b", "service name string contains invalid characters"),
        ("1+2", "service name string contains invalid characters"),
        ("e\u0301", "service name string contains invalid characters"),
        ("a\x00", "service name string contains invalid characters"),
        ("a\udc80", "service name string contains invalid characters"),
    ],
)
def test_s118_bad_names(name: str, complaint: str) -> None:
    with pytest.raises(ServiceNameError) as caught:
        Registry().register(Named(name))
    assert str(caught.value) == complaint


@pytest.mark.parametrize("name", ["example.net/service", "é", "a-b_c.1/2", "a" * 127, "x", "Ⅷ²"])
def test_s118_good_names(name: str) -> None:
    registry = Registry()
    registry.register(service := Named(name))
    assert registry.lookup(name) is service


def test_s118_revisions_may_have_symbols_and_marks() -> None:
    registry = Registry()
    registry.register(Named("a", "1+2"))
    registry.register(Named("b", "e\u0301"))
    for revision, complaint in [
        ("", "service revision string is empty"),
        ("1" * 128, "service revision string is too long"),
        ("1 2", "service revision string contains invalid characters"),
    ]:
        with pytest.raises(ServiceNameError) as caught:
            registry.register(Named("c", revision))
        assert str(caught.value) == complaint


def test_the_catalog_is_sorted_and_a_hidden_service_hides_its_parents() -> None:
    parent = Registry()
    for name in ("zeta", "alpha", "beta"):
        parent.register(Named(name, "1"))
    clone = parent.clone()
    clone.register(Named("beta", "2"))
    clone.register(Named("zeta", found=False))
    clone.register(Named("gamma", "3"))
    assert clone.catalog(background()) == [
        CatalogEntry("alpha", "1"),
        CatalogEntry("beta", "2"),
        CatalogEntry("gamma", "3"),
    ]
    assert [entry.name for entry in parent.catalog(background())] == ["alpha", "beta", "zeta"]
