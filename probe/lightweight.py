"""
What stands in for modules that are slow to import: names for annotations, a NamedTuple of our own, C halves.

A program that is started again and again pays its start-up on every call. typing.NamedTuple compiles a
constructor for each class: the hundred classes of a run cost as much as the bare interpreter. Here one
constructor serves all, and a class costs a tenth. To a type checker it is typing.NamedTuple itself.
"""

from __future__ import annotations

import _thread
import sys

TYPE_CHECKING = False
thread = _thread

if TYPE_CHECKING:
    import _ctypes
    import _queue
    import _socket
    import _ssl
    import _struct
    import signal as signal
    import stat as stat
    from collections.abc import Callable as Callable
    from collections.abc import Collection as Collection
    from collections.abc import Container as Container
    from collections.abc import Generator as Generator
    from collections.abc import Hashable as Hashable
    from collections.abc import Iterable as Iterable
    from collections.abc import Iterator as Iterator
    from collections.abc import Mapping as Mapping
    from collections.abc import MutableMapping as MutableMapping
    from collections.abc import Sequence as Sequence
    from contextlib import contextmanager as contextmanager
    from contextlib import suppress as suppress
    from hashlib import blake2b as blake2b
    from hashlib import sha256 as sha256
    from typing import Any as Any
    from typing import BinaryIO as BinaryIO
    from typing import NoReturn as NoReturn
    from typing import Protocol as Protocol
    from typing import cast as cast

    from probe import posix_os

    ctypes = _ctypes
    os = posix_os
    queue = _queue
    socket = _socket
    ssl = _ssl
    struct = _struct
else:
    # No annotation is ever evaluated, and the abstract base classes are made in Python.
    Any = BinaryIO = NoReturn = Callable = Collection = Container = Generator = Hashable = object
    Iterable = Iterator = Mapping = MutableMapping = Sequence = object

    def __getattr__(name):
        """
        A module by the half that is written in C, imported when it is asked for; ImportError as for any.

        The other halves import each other and much else, or make enums of a few hundred names.
        """
        if name == "contextmanager":
            from probe.contexts import contextmanager as found
        elif name == "os":
            from probe import posix_os as found
        elif name == "ctypes":
            import _ctypes as found
        elif name == "queue":
            import _queue as found
        elif name == "signal":
            import _signal as found
        elif name == "socket":
            import _socket as found
        elif name == "ssl":
            import _ssl as found
        elif name == "stat":
            import _stat as found
        elif name == "struct":
            import _struct as found
        elif name == "sha256":
            found = _hash(name, "_sha2" if sys.version_info >= (3, 12) else "_sha256")
        elif name == "blake2b":
            found = _hash(name, "_blake2")
        else:
            raise AttributeError(name)
        globals()[name] = found  # asked for by its name from here on
        return found

    def _hash(name, module):
        """As hashlib has it, without hashlib, which loads OpenSSL, where Python was built so."""
        for place in (module, "hashlib"):
            with suppress(ImportError):
                return getattr(__import__(place), name)
        raise ImportError(name)

    class suppress:  # noqa: N801 - as it is called there
        """contextlib.suppress. Its module imports much else."""

        def __init__(self, *kinds):
            self._kinds = kinds

        def __enter__(self):
            pass

        def __exit__(self, kind, *_):
            return kind is not None and issubclass(kind, self._kinds)

    class Protocol:
        """What a class offers. Nobody asks at run time, and "typing" imports much else."""

    def cast(_, value):
        return value


if TYPE_CHECKING or sys.version_info >= (3, 14):  # where annotations are no longer in the namespace
    from typing import Generic as Generic
    from typing import NamedTuple as NamedTuple
    from typing import TypeVar as TypeVar
else:
    from _collections import _tuplegetter

    class Generic:
        """A class with parameters, of which nobody asks at run time."""

        __slots__ = ()

        def __class_getitem__(cls, _):
            return cls

    def TypeVar(name):  # noqa: N802 - as it is called there
        return name

    class _Meta(type):
        """Turns the annotations of a class whose base is NamedTuple into the fields of a tuple."""

        def __new__(cls, name, bases, namespace):
            fields, defaults = tuple(namespace.get("__annotations__", ())), {}
            while len(_getters) < len(fields):
                _getters.append(_tuplegetter(len(_getters), ""))
            made = _METHODS | namespace
            for field, getter in zip(fields, _getters, strict=False):
                if field in namespace:
                    defaults[field] = namespace[field]
                made[field] = getter
            made["__slots__"], made["_fields"], made["_size"] = (), fields, len(fields)
            made["_field_defaults"], made["_default_values"] = defaults, tuple(defaults.values())
            # Nothing but tuple above it: CPython looks for ninety names in each class that there is.
            return type(name, (tuple, *bases[1:]), made)

    _getters = []  # of the first field, the second ...: all classes have the same

    _tuple = tuple.__new__

    def _new(cls, *values, **named):
        if named or len(values) != cls._size:
            values = _bound(cls, values, named)
        return _tuple(cls, values)

    def _make(cls, values):
        return cls(*values)

    def _asdict(self):
        return dict(zip(self._fields, self, strict=True))

    def _replace(self, **changes):
        values = [changes.pop(name, value) for name, value in zip(self._fields, self, strict=True)]
        if changes:
            raise ValueError(f"{type(self).__name__} has no {list(changes)}")
        return _tuple(type(self), values)

    def _repr(self):
        fields = ", ".join(f"{name}={value!r}" for name, value in self._asdict().items())
        return f"{type(self).__name__}({fields})"

    def _getnewargs(self):
        return tuple(self)

    def _bound(cls, values, named):
        """*values* and those given by name or by default, in order; TypeError when they do not fit."""
        missing = cls._size - len(values)
        if not named and 0 < missing <= len(cls._default_values):
            return values + cls._default_values[-missing:]
        rest = cls._fields[len(values) :]
        given = cls._field_defaults | named
        if missing >= len(named) and given.keys() >= set(rest) and named.keys() <= set(rest):
            return values + tuple([given[name] for name in rest])
        lacking = [name for name in rest if name not in given]
        unexpected = [name for name in named if name not in rest]
        raise TypeError(f"{cls.__name__}: {len(values)} values, {lacking=}, {unexpected=}")

    _METHODS = {
        "__new__": staticmethod(_new),
        "_make": classmethod(_make),
        "_asdict": _asdict,
        "_replace": _replace,
        "__repr__": _repr,
        "__getnewargs__": _getnewargs,
    }
    NamedTuple = type.__new__(_Meta, "NamedTuple", (), {})


class Memo:
    """
    Answers and failures by key, each found out once: functools.cache that keeps exceptions too.

    Threads that ask for one key at the same time wait for one answer.
    """

    __slots__ = ("_answers", "_lock", "_locks")

    def __init__(self) -> None:
        self._lock = _thread.allocate_lock()
        self._locks: dict[Hashable, _thread.LockType] = {}
        self._answers: dict[Hashable, tuple[Any, tuple[BaseException, Any] | None]] = {}

    def __contains__(self, key: Hashable) -> bool:
        return key in self._answers

    def get(self, key: Hashable, find: Callable[[], Any]) -> Any:
        """What *find* returned or raised when this *key* was asked for first."""
        if key not in self._answers:
            with self._lock:
                lock = self._locks.setdefault(key, _thread.allocate_lock())
            with lock:
                if key not in self._answers:
                    try:
                        self._answers[key] = find(), None
                    except BaseException as raised:  # noqa: BLE001 - everybody's, whatever it is
                        self._answers[key] = None, (raised, raised.__traceback__)
        answer, failure = self._answers[key]
        if failure:
            problem, origin = failure
            raise problem.with_traceback(origin)  # or it would keep the frames of all who have asked
        return answer

    def take_over(self, other: Memo, kinds: tuple[str, ...]) -> None:
        """Know what *other* has found out of these *kinds*: a key, or the first word of one."""
        for key, answer in list(other._answers.items()):
            if (key[0] if isinstance(key, tuple) else key) in kinds:
                self._answers[key] = answer
