#!/usr/bin/env python3
"""Writes the seeds of the image fuzz target: the recorded pictures, damaged ones, and settings of processors.

    make_corpus.py [OUTDIR]        (default: ../corpus/image beside this folder)
"""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parent.parent / "test/Data/image"


def seeds():
    for path in sorted(DATA.iterdir()):
        if path.suffix in (".png", ".jpg"):
            yield path.name, path.read_bytes()
    picture = (DATA / "smooth.jpg").read_bytes()
    yield "half.jpg", picture[: len(picture) // 2]
    frame = picture.index(b"\xff\xc0")
    yield "claims-many-pixels.jpg", picture[: frame + 5] + b"\xff\xff\xff\xff" + picture[frame + 9 :]
    # Scans cost time, not bytes: the first one of a progressive file again and again.
    picture = (DATA / "progressive.jpg").read_bytes()
    first = picture.index(b"\xff\xda")
    second = picture.index(b"\xff\xda", first + 1)
    yield "many-scans.jpg", picture[:first] + picture[first:second] * 40 + picture[second:]
    picture = (DATA / "noise.png").read_bytes()
    yield "half.png", picture[: len(picture) // 2]
    yield "claims-many-pixels.png", picture[:16] + b"\x7f\xff\xff\xff" * 2 + picture[24:]
    for name, settings in json.loads((DATA / "processors.json").read_text()).items():
        yield f"{name}.json", json.dumps(settings).encode()


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "corpus" / "image"
    out.mkdir(parents=True, exist_ok=True)
    for name, data in seeds():
        (out / name).write_bytes(data)


if __name__ == "__main__":
    main()
