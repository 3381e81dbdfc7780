"""Reading PyTorch's files without PyTorch, and without doing what they say."""

from __future__ import annotations

import pickle
import struct
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stream_server.diarize.checkpoint import read_tensors
from stream_server.errors import ModelUnavailable

VALUES = np.arange(12, dtype="<f4")


class Named:
    """Pickles as a module's name."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class Tensor:
    """Pickles as PyTorch's rebuild function over a storage."""

    def __init__(self, key: str, offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> None:
        self.key, self.rest = key, (offset, size, stride)


class Call:
    """Pickles as a call of a function by its name."""

    def __init__(self, function: Named, *arguments: object) -> None:
        self.function, self.arguments = function, arguments


class Writer(pickle._Pickler):  # type: ignore[name-defined]  # the one written in Python can be taught names
    """Writes what `torch.save` writes."""

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        """Write stand-ins as what they stand for."""
        if isinstance(obj, Named):
            self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())
        elif isinstance(obj, Call):
            self.save(obj.function)
            self.save(obj.arguments)
            self.write(pickle.REDUCE)
        elif isinstance(obj, Tensor):
            self.save(Named("torch._utils", "_rebuild_tensor_v2"))
            self.write(pickle.MARK)
            self.save(("storage", Named("torch", "FloatStorage"), obj.key, "cpu", len(VALUES)))
            self.write(pickle.BINPERSID)
            for part in (*obj.rest, False, OrderedDict()):
                self.save(part)
            self.write(pickle.TUPLE + pickle.REDUCE)
        else:
            super().save(obj, save_persistent_id)


def pickled(content: object) -> bytes:
    """Return a pickle of stand-ins."""
    import io

    file = io.BytesIO()
    Writer(file, protocol=2).dump(content)
    return file.getvalue()


def archive(path: Path, content: object) -> Path:
    """Write a checkpoint of the newer layout."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("archive/data.pkl", pickled(content))
        file.writestr("archive/data/0", VALUES.tobytes())
    return path


def legacy(path: Path, content: object) -> Path:
    """Write a checkpoint of the older layout."""
    head = [pickled(0x1950A86A20F9469CFC6C), pickled(1001), pickled({"little_endian": True})]
    storages = struct.pack("<q", len(VALUES)) + VALUES.tobytes()
    path.write_bytes(b"".join([*head, pickled(content), pickled(["0"]), storages]))
    return path


@pytest.mark.parametrize("write", [archive, legacy])
def test_tensors_are_read_in_both_layouts(tmp_path: Path, write: Any) -> None:
    """Views keep their offset and their strides."""
    state = OrderedDict(a=Tensor("0", 0, (3, 4), (4, 1)), b=Tensor("0", 1, (4, 2), (1, 4)), step=7)
    tensors = read_tensors(write(tmp_path / "weights", {"state": state, "epoch": 3}), "state")
    assert set(tensors) == {"a", "b"}
    assert np.array_equal(tensors["a"], VALUES.reshape(3, 4))
    assert np.array_equal(tensors["b"], VALUES[1:9].reshape(2, 4).T)


@pytest.mark.parametrize("write", [archive, legacy])
def test_nothing_that_a_file_names_is_called(tmp_path: Path, write: Any) -> None:
    """A checkpoint that asks for a command gets an inert object, and its tensors are read all the same."""
    trap = tmp_path / "trap"
    call = Call(Named("os", "system"), f"touch {trap}")
    state = OrderedDict(a=Tensor("0", 0, (2,), (1,)))
    tensors = read_tensors(write(tmp_path / "weights", {"trainer": call, "state": state}), "state")
    assert np.array_equal(tensors["a"], VALUES[:2])
    assert not trap.exists()


def test_a_tensor_beyond_its_storage_is_refused(tmp_path: Path) -> None:
    """A size or a stride that reaches beyond the numbers would read foreign memory."""
    for rest in ((0, (13,), (1,)), (8, (2, 3), (3, 1)), (-1, (2,), (1,)), (4, (3,), (-3,))):
        path = archive(tmp_path / "weights", {"state": OrderedDict(a=Tensor("0", *rest))})
        with pytest.raises(ModelUnavailable):
            read_tensors(path, "state")


def test_garbage_is_one_clear_error(tmp_path: Path) -> None:
    """An empty file, text, and a checkpoint without the wanted mapping."""
    path = tmp_path / "weights"
    for content in (b"", b"no checkpoint at all", pickle.dumps({"state": 1})):
        path.write_bytes(content)
        with pytest.raises(ModelUnavailable, match="no checkpoint"):
            read_tensors(path, "state")
    with pytest.raises(ModelUnavailable):
        read_tensors(archive(path, {"other": {}}), "state")
