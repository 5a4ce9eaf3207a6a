"""Reads the structure of a GGUF file, or of the one inside an artifact, and writes the model with fewer layers.

As a program: gguf_file.py shorten IN OUT LAYERS.
Format: "GGUF file format specification" of the ggml project, version 3.
"""

import dataclasses
import io
import os
import re
import struct
import sys

ALIGNMENT = 32
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
UINT32, STRING, ARRAY = 4, 8, 9
# Bytes per block and elements per block of the types in the default model.
BLOCKS = {0: (4, 1), 1: (2, 1), 2: (18, 32), 3: (20, 32), 8: (34, 32)}


@dataclasses.dataclass
class Tensor:
    name: str
    shape: list  # fastest dimension first, as in the file
    type: int
    offset: int  # from the start of the data

    def size(self):
        count = 1
        for extent in self.shape:
            count *= extent
        block_bytes, block_elements = BLOCKS[self.type]
        return count // block_elements * block_bytes


class GgufFile:
    """Structure of the file at `path`: metadata as {key: (type, raw bytes of the value)}, tensors in the file's order.

    The GGUF data may start at `start` within the file, as in a .phx artifact.
    """

    def __init__(self, path, start=0):
        self.path = path
        with open(path, "rb") as file:
            self.stream = file
            file.seek(start)
            magic, self.version, tensors, pairs = struct.unpack("<4sIQQ", file.read(24))
            assert magic == b"GGUF", path
            self.metadata = {}
            for _ in range(pairs):
                key = self._string()
                kind = self._number("<I")
                value = file.tell()
                self._skip(kind)
                end = file.tell()
                file.seek(value)
                self.metadata[key] = (kind, file.read(end - value))
            self.tensors = []
            for _ in range(tensors):
                name = self._string()
                shape = [self._number("<Q") for _ in range(self._number("<I"))]
                self.tensors.append(Tensor(name, shape, self._number("<I"), self._number("<Q")))
            self.data_start = -(-file.tell() // ALIGNMENT) * ALIGNMENT
        del self.stream

    def _number(self, form):
        return struct.unpack(form, self.stream.read(struct.calcsize(form)))[0]

    def _string(self):
        return self.stream.read(self._number("<Q")).decode()

    def _skip(self, kind):
        if kind in SCALARS:
            self.stream.seek(struct.calcsize("<" + SCALARS[kind]), os.SEEK_CUR)
        elif kind == STRING:
            self.stream.seek(self._number("<Q"), os.SEEK_CUR)
        elif kind == ARRAY:
            element, count = self._number("<I"), self._number("<Q")
            if element in SCALARS:
                self.stream.seek(count * struct.calcsize("<" + SCALARS[element]), os.SEEK_CUR)
            else:
                for _ in range(count):
                    self._skip(element)
        else:
            raise ValueError(f"metadata type {kind}")

    def text(self, key):
        return self.metadata[key][1][8:].decode()

    def architecture(self):
        return self.text("general.architecture")

    def set_number(self, key, value):
        self.metadata[key] = (UINT32, struct.pack("<I", value))

    def write(self, path, tensors):
        """Writes the metadata and `tensors` with their data."""
        head = io.BytesIO()
        head.write(struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(self.metadata)))
        for key, (kind, raw) in self.metadata.items():
            head.write(struct.pack("<Q", len(key.encode())) + key.encode() + struct.pack("<I", kind) + raw)
        offset = 0
        offsets = []
        for tensor in tensors:
            name = tensor.name.encode()
            head.write(struct.pack("<Q", len(name)) + name + struct.pack("<I", len(tensor.shape)))
            head.write(struct.pack(f"<{len(tensor.shape)}Q", *tensor.shape) + struct.pack("<IQ", tensor.type, offset))
            offsets.append(offset)
            offset += -(-tensor.size() // ALIGNMENT) * ALIGNMENT
        start = -(-head.tell() // ALIGNMENT) * ALIGNMENT
        with open(self.path, "rb") as source, open(path, "wb") as target:
            target.write(head.getvalue())
            target.truncate(start + offset)
            for tensor, place in zip(tensors, offsets):
                source.seek(self.data_start + tensor.offset)
                target.seek(start + place)
                target.write(source.read(tensor.size()))


def layer_of(tensor):
    found = re.match(r"blk\.(\d+)\.", tensor.name)
    return int(found[1]) if found else None


def shorten(source, target, layers):
    """The same model with only its first `layers` layers."""
    model = GgufFile(source)
    model.set_number(f"{model.architecture()}.block_count", layers)
    model.write(target, [tensor for tensor in model.tensors if (layer_of(tensor) or 0) < layers])


if __name__ == "__main__":
    if len(sys.argv) != 5 or sys.argv[1] != "shorten":
        sys.exit(__doc__)
    shorten(sys.argv[2], sys.argv[3], int(sys.argv[4]))
