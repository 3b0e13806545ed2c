"""The catalog, identity and scope services, and the usual set."""

from __future__ import annotations

import json
import uuid

import pytest

from refexec.context import Context, background
from refexec.errors import AlreadyExistsError, InternalError, ProgramError
from refexec.packet import Packet
from refexec.runtime.protocols import Sender
from refexec.service import (
    Catalog,
    Connector,
    Factory,
    Identity,
    InstanceBase,
    InstanceConfig,
    ProgramScope,
    Properties,
    Random,
    RandomConfig,
    Registry,
    Scope,
    context_with_instance_id,
    context_with_principal,
    context_with_scope,
    standard_registry,
)
from refexec.snapshot import Service
from service_world import World


class Other:
    def __init__(self, name: str, revision: str = "0") -> None:
        self.properties = Properties(name, revision)

    def discoverable(self, ctx: Context) -> bool:
        return True

    def create_instance(
        self, ctx: Context, config: InstanceConfig, snapshot: bytes | None
    ) -> OtherInstance:
        return OtherInstance()


class OtherInstance(InstanceBase):
    def handle(self, ctx: Context, send: Sender, packet: Packet) -> Packet | None:
        return None


def world_of(
    factory: Factory, *, ctx: Context | None = None, snapshot: bytes | None = None
) -> World:
    """A program that has discovered one service."""
    registry = Registry()
    registry.register(factory)
    name = factory.properties.name
    saved = [] if snapshot is None else [Service(name, snapshot)]
    world = World(registry, saved, ctx)
    if snapshot is None:
        assert world.discover(name) == [True]
    return world


def answer(world: World, content: bytes) -> bytes:
    world.call(content)
    reply = world.receive()
    assert (reply.code, reply.domain, reply.index) == (0, 0, 0)
    return reply.content


# -- catalog -------------------------------------------------------------------------------------


def test_s116_catalog() -> None:
    registry = Registry()
    registry.register(Catalog(registry))
    world = World(registry)
    world.discover("catalog")
    assert answer(world, b"json") == (
        b'{\n\t"services": [\n\t\t{\n\t\t\t"name": "catalog",\n\t\t\t"revision": "0"\n\t\t}\n'
        b"\t]\n}\n"
    )
    registry.register(Other("zoo.example/é", "1+<>"))  # seen by the next call
    registry.register(Other('a"\\&b', "2"))
    text = answer(world, b"json").decode()
    assert json.loads(text) == {
        "services": [
            {"name": 'a"\\&b', "revision": "2"},
            {"name": "catalog", "revision": "0"},
            {"name": "zoo.example/é", "revision": "1+<>"},
        ]
    }
    assert "zoo.example/é" in text
    assert r"1+\u003c\u003e" in text
    for content in (b"", b"JSON", b"json ", b"jso"):
        assert answer(world, content) == b""
    world.info(b"json")
    assert world.quiet
    assert world.end() == [Service("catalog", b"")]


def test_an_empty_catalog() -> None:
    registry = Registry()
    registry.register(Catalog(Registry()))
    world = World(registry)
    world.discover("catalog")
    assert answer(world, b"json") == b'{\n\t"services": []\n}\n'


def test_a_catalog_too_large_for_a_packet_is_the_hosts_fault() -> None:
    registry = Registry()
    registry.register(Catalog(registry))
    for i in range(600):
        registry.register(Other(f"{i:0100}"))
    world = World(registry)
    world.discover("catalog")
    with pytest.raises(InternalError, match=r"^service catalog does not fit into a packet$"):
        world.call(b"json")


# -- identity ------------------------------------------------------------------------------------


def test_identity() -> None:
    instance = uuid.UUID("AAAAAAAA-0000-4000-8000-000000000001")
    ctx = context_with_principal(background(), "local")
    world = world_of(Identity(), ctx=context_with_instance_id(ctx, instance))
    assert answer(world, b"\0") == b"local"
    assert answer(world, b"\0 and more") == b"local"
    assert answer(world, b"\1") == b"aaaaaaaa-0000-4000-8000-000000000001"
    assert answer(world, b"\2") == b""
    assert answer(world, b"") == b""
    world.info(b"\0")
    assert world.quiet
    assert world.end() == [Service("identity", b"")]


def test_identity_of_nobody() -> None:
    world = world_of(Identity(), snapshot=b"")
    assert answer(world, b"\0") == answer(world, b"\1") == b""


# -- scope ---------------------------------------------------------------------------------------


def scope_call(*strings: bytes) -> bytes:
    encoded = b"".join(bytes([len(string)]) + string for string in strings)
    return b"\0" + bytes([len(strings)]) + encoded


def test_scope_is_restricted_to_the_intersection() -> None:
    scope = ProgramScope(["a", "b", "program:admin"])
    assert scope.contains("a")
    assert not scope.contains("c")
    world = world_of(Scope(), ctx=context_with_scope(background(), scope))
    assert answer(world, scope_call(b"b", b"c", b"program:admin") + b"ignored") == b"\0\0"
    assert scope.strings == {"b", "program:admin"}
    assert answer(world, scope_call(b"b", b"a")) == b"\0\0"
    assert scope.strings == {"b"}
    assert world.end() == [Service("scope", b"\1\1b")]


def test_scope_starts_unrestricted() -> None:
    scope = ProgramScope()
    assert scope.contains("anything")
    world = world_of(Scope(), ctx=context_with_scope(background(), scope))
    for content in (b"", b"\1", b"\1\1\1a"):
        assert answer(world, content) == b""
    world.info(scope_call())
    assert world.quiet
    assert scope.strings is None
    assert world.end() == [Service("scope", b"")]


def test_scope_restricted_to_nothing_is_saved_as_that() -> None:
    scope = ProgramScope()
    world = world_of(Scope(), ctx=context_with_scope(background(), scope))
    answer(world, scope_call())
    assert scope.strings == frozenset()
    assert world.end() == [Service("scope", b"\0")]


def test_scope_is_restricted_again_when_restored() -> None:
    scope = ProgramScope()
    world = world_of(
        Scope(),
        ctx=context_with_scope(background(), scope),
        snapshot=scope_call(b"x/y.z-_", b"a")[1:],
    )
    assert scope.strings == {"a", "x/y.z-_"}
    assert world.end() == [Service("scope", b"\2\1a\7x/y.z-_")]


def test_scope_without_a_scope_keeps_its_own() -> None:
    world = world_of(Scope(), snapshot=b"\2\1a\1b")
    assert answer(world, scope_call(b"b", b"c")) == b"\0\0"
    assert world.end() == [Service("scope", b"\1\1b")]
    assert world_of(Scope(), snapshot=b"\0").end(suspend=False) == []


@pytest.mark.parametrize("content", [b"\0", b"\0\1", b"\0\1\2a", b"\0\2\1a"])
def test_scope_lists_that_are_cut_off(content: bytes) -> None:
    world = world_of(Scope())
    with pytest.raises(ProgramError, match=r"^scope encoding is too short$"):
        world.call(content)


@pytest.mark.parametrize(
    "string", [b"", b":a", b"a:", b":", b"a::b", b"a b", b"a+", b"a\n", b'"', b"\xff", b"\xc3\xa9"]
)
def test_strings_that_are_no_scope(string: bytes) -> None:
    world = world_of(Scope())
    with pytest.raises(ProgramError, match=r'^scope string is invalid: "') as caught:
        world.call(scope_call(b"fine", string))
    assert str(caught.value).isascii()
    assert str(caught.value).isprintable()


def test_the_longest_scope() -> None:
    strings = [b"%0255d" % i for i in range(240)]
    world = world_of(Scope())
    assert answer(world, scope_call(*strings)) == b"\0\0"
    (saved,) = world.end()
    assert saved.buffer == scope_call(*strings)[1:]


# -- the usual set -------------------------------------------------------------------------------


def test_the_usual_set() -> None:
    base = Registry()
    base.register(Other("extra"))
    registry = standard_registry(Connector(), base=base)
    names = ["catalog", "extra", "identity", "origin", "random", "scope"]
    assert [entry.name for entry in registry.catalog(background())] == names
    world = World(registry)
    assert world.discover(*names) == [True] * 6
    listed = json.loads(answer(world, b"json"))["services"]
    assert [service["name"] for service in listed] == names
    world.end()
    assert [entry.name for entry in base.catalog(background())] == ["extra"]
    with pytest.raises(AlreadyExistsError):
        registry.register(Connector())


def test_the_usual_set_without_origin_and_random() -> None:
    registry = standard_registry(random=Random())
    world = World(registry)
    assert world.discover("origin", "random", "scope") == [False, False, True]
    assert registry.lookup("random") is not None
    assert standard_registry(random=Random(RandomConfig(1))).lookup("origin") is None
