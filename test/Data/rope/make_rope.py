#!/usr/bin/env python3
"""Writes what the functions of transformers' modeling_rope_utils.py give, for test/Unit/Reference/RopeFrequenciesTest.cpp.

    make_rope.py modeling_rope_utils.py > transformers.json

The argument is that file of an unpacked transformers (5.23.0 for the one that is kept). Its functions run unchanged. They need arrays of
f32 and a handful of functions on them; numpy gives these where torch is not installed.
"""

import importlib.util
import json
import sys
import types


def numpy_as_torch():
    import numpy

    class Tensor(numpy.ndarray):
        def to(self, device=None, dtype=None):
            return self.astype(dtype).view(Tensor) if dtype else self

        def float(self):
            return self.to(dtype=numpy.float32)

    def made(array):
        return array.view(Tensor)

    torch = types.ModuleType("torch")
    torch.Tensor, torch.int64, torch.float, torch.float32 = Tensor, numpy.int64, numpy.float32, numpy.float32
    torch.arange = lambda *range, dtype=numpy.int64, device=None: made(numpy.arange(*range).astype(dtype))
    torch.tensor = lambda values, dtype=None, device=None: made(numpy.asarray(values, dtype))
    torch.where, torch.clamp, torch.maximum = numpy.where, numpy.clip, numpy.maximum
    return torch


def load(path):
    try:
        import torch
    except ImportError:
        sys.modules["torch"] = numpy_as_torch()
    package, utils = types.ModuleType("t"), types.ModuleType("t.utils")
    package.__path__ = []
    utils.is_torch_available = lambda: True
    utils.logging = types.SimpleNamespace(get_logger=lambda name: None)
    sys.modules.update({"t": package, "t.utils": utils})
    spec = importlib.util.spec_from_file_location("t.rope", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ROPE_INIT_FUNCTIONS


def text_of(dim, parameters, original):
    parts = {"dim": dim, "base": parameters["rope_theta"], "scaling": parameters["rope_type"]}
    parts.update({key: value for key, value in parameters.items() if key not in ("rope_theta", "rope_type")})
    for key in ("original_max_position_embeddings", "partial_rotary_factor"):
        parts.pop(key, None)
    if original:
        parts["original"] = original

    def spell(value):
        return str(value).lower() if isinstance(value, bool) else str(value)

    return "#xf.rope<" + ", ".join(f"{key} = {spell(value)}" for key, value in parts.items()) + ">"


def main():
    functions, cases = load(sys.argv[1]), []

    def case(kind, head_dim, original, lengths=(None,), base=10000.0, partial=1.0, **parameters):
        parameters = dict(rope_type=kind, rope_theta=base, partial_rotary_factor=partial, **parameters)
        if original and kind != "dynamic":
            parameters["original_max_position_embeddings"] = original
        config = types.SimpleNamespace(
            rope_parameters=parameters, head_dim=head_dim, hidden_size=4 * head_dim, num_attention_heads=4,
            max_position_embeddings=original or 256, standardize_rope_params=lambda: None)
        for length in lengths:
            frequencies, factor = functions[kind](config, seq_len=length)
            cases.append({"rope": text_of(int(head_dim * partial), parameters, original), "length": length or 0,
                          "inv_freq": [float(f) for f in frequencies], "attention_factor": float(factor)})

    ramp = lambda step, count: [1.0 + step * i for i in range(count)]
    # The five of reference/models.
    case("linear", 16, 0, factor=4.0)
    case("dynamic", 16, 256, (None, 12, 256, 257, 448, 1000, 4096), factor=4.0)
    case("yarn", 16, 64, factor=4.0)
    case("llama3", 16, 64, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0)
    case("longrope", 16, 64, (None, 12, 64, 65, 4096), factor=4.0, short_factor=ramp(0.05, 8), long_factor=ramp(0.4, 8))
    # Real sizes and every option.
    case("linear", 128, 0, base=500000.0, factor=2.5)
    case("dynamic", 80, 2048, (2049, 8192), partial=0.4, factor=2.0)
    case("yarn", 128, 4096, factor=16.0)
    case("yarn", 128, 32768, base=1000000.0, factor=4.0, truncate=False)
    case("yarn", 64, 4096, factor=40.0, mscale=0.707, mscale_all_dim=1.2, beta_fast=24.0, beta_slow=2.0)
    case("yarn", 64, 2048, partial=0.5, factor=8.0, attention_factor=1.25)
    case("yarn", 8, 16, base=100.0, factor=2.0)
    case("llama3", 128, 8192, base=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0)
    case("llama3", 64, 8192, base=500000.0, factor=32.0, low_freq_factor=2.0, high_freq_factor=3.0)
    case("longrope", 96, 4096, (4096, 4097), factor=32.0, short_factor=ramp(0.01, 48), long_factor=ramp(1.25, 48))
    case("longrope", 32, 4096, (5000,), partial=0.5, factor=32.0, attention_factor=1.1, short_factor=ramp(0.01, 8),
         long_factor=ramp(2.0, 8))
    print("[\n" + ",\n".join(map(json.dumps, cases)) + "\n]")


main()
