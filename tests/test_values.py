"""Our NamedTuple is typing's in all that the program relies on."""

import copy
import pickle
import typing

import pytest

from probe import lightweight


class Ours(lightweight.NamedTuple):
    """One."""

    first: int
    second: str = "b"
    third: tuple[int, ...] = ()

    @property
    def total(self) -> int:
        return self.first + sum(self.third)


class Theirs(typing.NamedTuple):
    """One."""

    first: int
    second: str = "b"
    third: tuple[int, ...] = ()


class Derived(Ours):
    """A class on top of the fields, as settings are made."""

    __slots__ = ()
    name = "derived"


@pytest.mark.parametrize(
    ("positional", "named"),
    [((1,), {}), ((1, "x", (2, 3)), {}), ((1,), {"third": (4,)}), ((), {"second": "y", "first": 5})],
)
def test_it_is_built_as_typing_builds_it(
    positional: tuple[typing.Any, ...], named: dict[str, typing.Any]
) -> None:
    """By position, by name, with defaults: the same values, the same text."""
    ours, theirs = Ours(*positional, **named), Theirs(*positional, **named)
    assert tuple(ours) == tuple(theirs)
    assert hash(ours) == hash(theirs)
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert (ours.first, ours.second, ours.third) == theirs


@pytest.mark.parametrize(
    ("positional", "named"), [((), {}), ((1, 2, 3, 4), {}), ((1,), {"first": 2}), ((1,), {"fourth": 2})]
)
def test_what_does_not_fit_is_refused(
    positional: tuple[typing.Any, ...], named: dict[str, typing.Any]
) -> None:
    """Missing, too many, twice, unknown: TypeError, as with typing's."""
    for kind in (Ours, Theirs):
        with pytest.raises(TypeError):
            kind(*positional, **named)


def test_it_is_immutable_and_can_be_changed_by_copy() -> None:
    """No attribute can be set; `_replace` and `_asdict` do what they do."""
    value = Ours(1)
    for name in ("first", "fourth"):
        with pytest.raises(AttributeError):
            setattr(value, name, 2)
    assert tuple(value._replace(first=2)) == Theirs(1)._replace(first=2)
    assert value._asdict() == Theirs(1)._asdict()
    assert (Ours._fields, Ours._field_defaults) == (Theirs._fields, Theirs._field_defaults)


def test_a_class_on_top_keeps_the_fields() -> None:
    """Settings derive from their fields: the type survives `_replace`, copying and pickling."""
    value = Derived(1, third=(2,))
    assert isinstance(value, Ours)
    assert (value.total, value.name) == (3, "derived")
    assert type(value._replace(first=2)) is Derived
    for again in (copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert again == value
        assert type(again) is Derived
