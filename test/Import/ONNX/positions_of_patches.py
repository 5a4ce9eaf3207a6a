"""A vision model's first layer as exporters write it: patches by a convolution with a bias, and a table of positions that is
read with constant indices. Fusion changes the order in which the weights are read after they have got their places.

    positions_of_patches.py OUTDIR        exit code of `ph verify`
"""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from node_tests import numpy, onnx, save

from onnx import numpy_helper, parser

TEXT = """<ir_version: 10, opset_import: ["" : 17]>
g (float[N, 3, 8, 8] image) => (float[N, 4, 32] y) {
  patches = Conv<kernel_shape = [4, 4], strides = [4, 4]>(image, kernel, bias)
  shape = Constant<value_ints = [0, 32, 4]>()
  rows = Reshape(patches, shape)
  tokens = Transpose<perm = [0, 2, 1]>(rows)
  places = Gather(table, indices)
  y = Add(tokens, places)
}"""


def main():
    folder = pathlib.Path(sys.argv[1])
    random = numpy.random.default_rng(7)
    shapes = {"kernel": (32, 3, 4, 4), "bias": (32,), "table": (4, 32)}
    weights = {name: random.standard_normal(shape).astype("f4") for name, shape in shapes.items()}
    model = parser.parse_model(TEXT)
    for name, array in {**weights, "indices": numpy.arange(4)[None]}.items():
        model.graph.initializer.append(numpy_helper.from_array(array, name))
    (folder / "m.onnx").write_bytes(model.SerializeToString())
    image = random.standard_normal((2, 3, 8, 8)).astype("f4")
    patches = image.reshape(2, 3, 2, 4, 2, 4).transpose(0, 2, 4, 1, 3, 5).reshape(2, 4, 48)
    expected = patches @ weights["kernel"].reshape(32, 48).T + weights["bias"] + weights["table"]
    save(folder / "t.safetensors", {"image": image, "out.y": expected})
    sys.exit(subprocess.run(["ph", "verify", folder / "m.onnx", folder / "t.safetensors"]).returncode)


if __name__ == "__main__":
    main()
