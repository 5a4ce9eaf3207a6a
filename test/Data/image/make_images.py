#!/usr/bin/env python3
"""Pictures of every kind that runtime/image reads, and what Pillow makes of them.

    make_images.py        (writes beside itself)

needs: numpy, pillow (13.0). values.safetensors holds for each picture `NAME`: its pixels as convert("RGB") gives them
[height, width, 3]; `resize.FILTER.HEIGHTxWIDTH` of noise.png; and `values.NAME`, what transformers' image processors
on Pillow compute with the settings processors.json has under that name: resize, center_crop (zeros around what is
smaller), rescale, normalize, in f32, [3, height, width].
"""

import io
import json
import math
import pathlib
import struct

import numpy
from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent
FILTERS = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}
SIZES = [(11, 17), (40, 24), (64, 20), (23, 9), (7, 37), (1, 1)]
MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
PROCESSORS = {
    "vit": {"image_processor_type": "ViTImageProcessor", "do_resize": True, "size": {"height": 16, "width": 16},
            "resample": 2, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True,
            "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]},
    "clip": {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 14}, "resample": 3,
             "do_center_crop": True, "crop_size": {"height": 14, "width": 14}, "image_mean": MEAN, "image_std": STD},
    "clip-old": {"feature_extractor_type": "CLIPFeatureExtractor", "size": 15, "resample": 3, "do_center_crop": True,
                 "crop_size": 12, "do_normalize": True, "image_mean": MEAN, "image_std": STD},
    "padded": {"do_resize": False, "do_center_crop": True, "crop_size": {"height": 32, "width": 20},
               "do_normalize": False},
    "raw": {"do_resize": False, "do_rescale": False, "do_normalize": False},
}


def png(image, **options):
    out = io.BytesIO()
    image.save(out, "PNG", **options)
    return out.getvalue()


def jpeg(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


def interlaced(pixels):
    """Adam7, which Pillow doesn't write: the seven passes, filter 0."""
    import zlib

    height, width, _ = pixels.shape
    data = b""
    for y0, x0, dy, dx in ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)):
        for row in pixels[y0::dy, x0::dx]:
            data += b"\0" + row.tobytes() if len(row) else b""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def pictures():
    random = numpy.random.default_rng(7)
    noise = random.integers(0, 256, (23, 37, 3), dtype=numpy.uint8)
    y, x = numpy.mgrid[0:23, 0:37]
    smooth = numpy.stack([6 * x, 10 * y, 255 - 3 * x - 5 * y], axis=-1).clip(0, 255).astype(numpy.uint8)
    alpha = random.integers(0, 256, (23, 37, 1), dtype=numpy.uint8)
    yield "noise.png", png(Image.fromarray(noise))
    yield "alpha.png", png(Image.fromarray(numpy.concatenate([noise, alpha], axis=-1)))
    yield "gray.png", png(Image.fromarray(noise[..., 0]))
    yield "gray-alpha.png", png(Image.fromarray(numpy.concatenate([noise[..., :1], alpha], axis=-1), "LA"))
    yield "bits.png", png(Image.fromarray(noise[..., 0] > 127))
    yield "palette.png", png(Image.fromarray(smooth).quantize(13), transparency=3)
    yield "interlaced.png", interlaced(noise)
    yield "smooth.jpg", jpeg(Image.fromarray(smooth), quality=85)
    yield "progressive.jpg", jpeg(Image.fromarray(smooth), quality=70, progressive=True)
    yield "full-color.jpg", jpeg(Image.fromarray(noise), quality=95, subsampling=0)
    yield "gray.jpg", jpeg(Image.fromarray(smooth[..., 0]))


def process(image, settings):
    """transformers' slow processors, step by step."""
    if settings.get("do_resize", True):
        size = settings["size"]
        if isinstance(size, int):
            size = {"shortest_edge": size}
        if "shortest_edge" in size:
            short, long = sorted(image.size)
            edges = size["shortest_edge"], int(size["shortest_edge"] * long / short)
            target = edges if image.width <= image.height else edges[::-1]
        else:
            target = size["width"], size["height"]
        image = image.resize(target, settings.get("resample", 2))
    values = numpy.asarray(image)
    if settings.get("do_center_crop"):
        size = settings["crop_size"]
        rows, columns = (size, size) if isinstance(size, int) else (size["height"], size["width"])
        height, width = values.shape[:2]
        around = numpy.zeros((max(rows, height), max(columns, width), 3), numpy.uint8)
        top, left = math.ceil((around.shape[0] - height) / 2), math.ceil((around.shape[1] - width) / 2)
        around[top : top + height, left : left + width] = values
        top, left = top + (height - rows) // 2, left + (width - columns) // 2
        values = around[max(0, top) : top + rows, max(0, left) : left + columns]
    values = values.astype(numpy.float32)
    if settings.get("do_rescale", True):
        values = (values.astype(numpy.float64) * settings.get("rescale_factor", 1 / 255)).astype(numpy.float32)
    if settings.get("do_normalize", True):
        values = (values - numpy.array(settings["image_mean"], numpy.float32)) / numpy.array(
            settings["image_std"], numpy.float32
        )
    return values.transpose(2, 0, 1)


def save(path, tensors):
    header, data = {}, b""
    for name, value in tensors.items():
        value = numpy.ascontiguousarray(value)
        kind = {"uint8": "U8", "float32": "F32"}[value.dtype.name]
        header[name] = {"dtype": kind, "shape": list(value.shape), "data_offsets": [len(data), len(data) + value.nbytes]}
        data += value.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def main():
    floats, tensors = {}, {}
    for name, data in pictures():
        (HERE / name).write_bytes(data)
        tensors[name] = numpy.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    noise = Image.open(HERE / "noise.png")
    for name, number in FILTERS.items():
        for height, width in SIZES:
            tensors[f"resize.{name}.{height}x{width}"] = numpy.asarray(noise.resize((width, height), number))
    for name, settings in PROCESSORS.items():
        floats[f"values.{name}"] = process(noise, settings)
    (HERE / "processors.json").write_text(json.dumps(PROCESSORS, indent=1) + "\n")
    save(HERE / "values.safetensors", {**floats, **tensors})


if __name__ == "__main__":
    main()
