"""Writes small.safetensors, a tensor of each type, with Hugging Face's library.

    python make_small.py OUT.safetensors

needs: safetensors 0.8, torch
"""
import sys

import torch
from safetensors.torch import save_file

TYPES = {
    "BOOL": "bool", "U8": "uint8", "I8": "int8", "I16": "int16", "U16": "uint16", "F16": "float16", "BF16": "bfloat16",
    "I32": "int32", "U32": "uint32", "F32": "float32", "F64": "float64", "I64": "int64", "U64": "uint64",
    "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2", "F8_E8M0": "float8_e8m0fnu",
}
values = torch.arange(6, dtype=torch.float32).reshape(2, 3) * 1.5
tensors = {f"weight.{name}": values.to(getattr(torch, kind)) for name, kind in TYPES.items()}
tensors["scalar é\n"] = torch.tensor(2.5)
tensors["empty"] = torch.zeros((0, 4), dtype=torch.int8)
save_file(tensors, sys.argv[1], metadata={"format": "pt"})
