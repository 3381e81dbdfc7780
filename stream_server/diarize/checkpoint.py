"""Weights from PyTorch's files, without PyTorch and without running anything that they name.

A checkpoint is a pickle, and a pickle can call whatever it names. This reader admits tensors, ordered dictionaries and
plain values; everything else in the file (optimisers, trainers) becomes an inert object that remembers nothing. Two
layouts exist: the legacy one (five pickles, then the storages one after the other) and the archive (`*/data.pkl` and
`*/data/KEY`). Source: `torch/serialization.py` and `torch/_utils.py`.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from stream_server.errors import ModelUnavailable

Tensors: TypeAlias = dict[str, npt.NDArray[Any]]

_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C

_DTYPES = {
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "<i1",
    "ByteStorage": "<u1",
    "BoolStorage": "?",
}


def read_tensors(path: Path, under: str) -> Tensors:
    """Return the tensors of the mapping `under` a checkpoint's top level, by name; raise `ModelUnavailable`."""
    try:
        content = _read_archive(path) if zipfile.is_zipfile(path) else _read_legacy(path)
        state = content[under]
        return {str(name): tensor.load() for name, tensor in state.items() if isinstance(tensor, _Tensor)}
    # Whatever is wrong with a file of foreign bytes, it is no checkpoint that can be used.
    except Exception as error:
        raise ModelUnavailable(f"{path.name} is no checkpoint that can be read ({type(error).__name__})") from error


class _Inert:
    """Stands for any object of a checkpoint that is no tensor: takes everything, keeps and does nothing."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None: ...

    def __setstate__(self, _state: Any) -> None: ...

    def __setitem__(self, _key: Any, _value: Any) -> None: ...

    def append(self, _value: Any) -> None: ...

    def extend(self, _values: Any) -> None: ...


@dataclass(eq=False)
class _Storage:
    """A run of numbers; `values` is filled when it has been read."""

    dtype: str
    count: int
    values: npt.NDArray[Any] | None = None


@dataclass(eq=False)
class _Tensor:
    """A view of a storage; sizes and steps in elements."""

    storage: _Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]

    def load(self) -> npt.NDArray[Any]:
        """Return a copy as an array; raise `ValueError` if it reaches beyond its storage."""
        values = self.storage.values
        if values is None:
            raise ValueError("a storage is missing")
        last = self.offset + sum((n - 1) * step for n, step in zip(self.size, self.stride, strict=True))
        if min((self.offset, *self.size, *self.stride), default=0) < 0 or (0 not in self.size and last >= len(values)):
            raise ValueError("a tensor reaches beyond its storage")
        steps = tuple(step * values.itemsize for step in self.stride)
        return np.lib.stride_tricks.as_strided(values[self.offset :], self.size, steps).copy()


def _rebuild(storage: _Storage, offset: int, size: Any, stride: Any, *_rest: Any) -> _Tensor:
    return _Tensor(storage, int(offset), tuple(map(int, size)), tuple(map(int, stride)))


def _rebuild_parameter(tensor: _Tensor, *_rest: Any) -> _Tensor:
    return tensor


_ADMITTED: Mapping[tuple[str, str], Callable[..., Any]] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor"): _rebuild,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuild,
    ("torch._utils", "_rebuild_parameter"): _rebuild_parameter,
}


class _Unpickler(pickle.Unpickler):
    """Resolves names to our own stand-ins only, storages to `_Storage`."""

    def __init__(self, file: io.BufferedIOBase | Any) -> None:
        super().__init__(file, encoding="latin-1")
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        """Return what may stand for a name: never anything that the name means elsewhere."""
        if module == "torch" and name in _DTYPES:
            return name
        return _ADMITTED.get((module, name), _Inert)

    def persistent_load(self, pid: Any) -> Any:
        """Return the storage that a tuple (kind, type, key, location, count, view) names."""
        kind, dtype, key, _location, count, *_view = pid
        if kind != "storage" or dtype not in _DTYPES:
            raise pickle.UnpicklingError("an unknown kind of storage")
        return self.storages.setdefault(str(key), _Storage(_DTYPES[dtype], int(count)))


def _read_archive(path: Path) -> Any:
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        unpickler = _Unpickler(io.BytesIO(archive.read(names[0])))
        content = unpickler.load()
        folder = names[0].removesuffix("data.pkl") + "data/"
        for key, storage in unpickler.storages.items():
            storage.values = np.frombuffer(archive.read(folder + key), storage.dtype)
    return content


def _read_legacy(path: Path) -> Any:
    """Read magic number, protocol, system, the object, the storages' keys, then the storages: a count, the numbers."""
    with path.open("rb") as file:
        if _Unpickler(file).load() != _LEGACY_MAGIC:
            raise pickle.UnpicklingError("no checkpoint")
        for _ in ("protocol", "system"):
            _Unpickler(file).load()
        unpickler = _Unpickler(file)
        content = unpickler.load()
        for key in _Unpickler(file).load():
            storage = unpickler.storages[str(key)]
            count = int(np.frombuffer(file.read(8), "<i8")[0])
            storage.values = np.frombuffer(file.read(count * np.dtype(storage.dtype).itemsize), storage.dtype)
    return content
