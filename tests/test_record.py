from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

import pytest

from refexec.record import field, field_names, record, replace


@record(frozen=True)
class Point:
    """A point."""

    x: int
    y: int = 0
    """Height."""
    tags: list[str] = field(default_factory=list)
    secret: str = field(default="s", shown=False)

    @property
    def sum(self) -> int:
        return self.x + self.y


@dataclass(frozen=True, slots=True)
class SamePoint:
    """A point."""

    x: int
    y: int = 0
    tags: list[str] = dataclass_field(default_factory=list)
    secret: str = dataclass_field(default="s", repr=False)


@record()
class Counter:
    count: int
    doubled: int = 0

    def __post_init__(self) -> None:
        self.doubled = 2 * self.count


@record(eq=False)
class Unique:
    value: int


@record(frozen=True)
class Empty:
    pass


@record(frozen=True)
class Odd:
    value: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Odd) and self.value % 2 == other.value % 2

    def __hash__(self) -> int:
        return self.value % 2

    def __repr__(self) -> str:
        return "odd"


def test_a_record_is_made_like_a_data_class() -> None:
    assert Point(1) == Point(1, 0, []) == Point(x=1, tags=[], y=0)
    assert Point(1, 2).sum == 3
    assert Point(1).tags is not Point(1).tags
    assert list(inspect.signature(Point).parameters) == list(field_names(Point))
    with pytest.raises(TypeError, match=r"Point\.__init__\(\) missing 1 required"):
        Point()  # type: ignore[call-arg]  # what is refused
    with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
        Point(1, z=2)  # type: ignore[call-arg]  # what is refused


def test_it_looks_like_a_data_class() -> None:
    assert repr(Point(1, 2, ["a"])) == repr(SamePoint(1, 2, ["a"])).replace("SamePoint", "Point")
    assert Point.__doc__ == "A point."
    assert Point.__module__ == __name__
    assert Point.__slots__ == SamePoint.__slots__  # type: ignore[attr-defined]  # both have it
    match Point(1, 2):
        case Point(x, y):
            assert (x, y) == (1, 2)
    assert field_names(Point) == ("x", "y", "tags", "secret")


def test_a_default_must_not_come_before_a_field_without_one() -> None:
    with pytest.raises(TypeError, match="Wrong: field 'second' without a default follows one"):

        @record()
        class Wrong:
            first: int = 1
            second: int  # type: ignore[misc]  # what is refused


def test_it_has_slots_only() -> None:
    assert not hasattr(Counter(1), "__dict__")
    with pytest.raises(AttributeError):
        Counter(1).other = 1  # type: ignore[attr-defined]  # what is refused


def test_a_frozen_record_cannot_be_changed() -> None:
    point = Point(1)
    with pytest.raises(AttributeError, match="Point is frozen: cannot change 'x'"):
        point.x = 2  # type: ignore[misc]  # what is refused
    with pytest.raises(AttributeError, match="Point is frozen: cannot change 'x'"):
        del point.x  # type: ignore[misc]  # what is refused
    assert point == Point(1)


def test_frozen_records_are_equal_and_have_a_hash_by_their_fields() -> None:
    assert Odd(1) == Odd(3)
    assert len({Odd(1), Odd(3), Odd(2)}) == 2
    assert repr(Odd(1)) == "odd"
    assert Empty() == Empty()
    assert hash(Empty()) == hash(Empty())
    assert Point(1) != SamePoint(1)
    assert Point(1) != Point(2)
    with pytest.raises(TypeError, match="unhashable"):
        hash(Point(1))  # it has a list
    assert Point(1).__eq__(1) is NotImplemented


def test_other_records_have_no_hash_unless_they_are_compared_by_identity() -> None:
    assert Counter(3).doubled == 6
    with pytest.raises(TypeError, match="unhashable"):
        hash(Counter(1))
    one = Unique(1)
    assert one != Unique(1)
    assert {one: 1}[one] == 1
    one.value = 2
    assert one.value == 2


@pytest.mark.parametrize("value", [Point(1, 2, ["a"]), Counter(4), Empty()])
def test_records_are_pickled_and_copied(value: Any) -> None:
    assert pickle.loads(pickle.dumps(value, 5)) == value
    assert copy.copy(value) == value
    assert copy.deepcopy(value) == value


def test_the_functions_of_dataclasses_work_on_records() -> None:
    assert replace(Point(1, 2), y=3) == Point(1, 3)
    record: Any = Point(1, 2)
    assert dataclasses.replace(record, y=3) == Point(1, 3)
    assert dataclasses.is_dataclass(record)
    assert dataclasses.asdict(record) == dataclasses.asdict(SamePoint(1, 2))
    mine: Any = dataclasses.fields(record)
    theirs = dataclasses.fields(SamePoint)
    for one, other in zip(mine, theirs, strict=True):
        assert (one.name, one.type, one.repr) == (other.name, other.type, other.repr)
        assert (one.default, one.default_factory) == (other.default, other.default_factory)

    class More(Point):
        pass

    more: Any = More
    assert [item.name for item in dataclasses.fields(more)] == list(field_names(Point))
    assert dataclasses.asdict(Counter(2)) == {"count": 2, "doubled": 4}  # type: ignore[call-overload]  # mypy knows only its own
