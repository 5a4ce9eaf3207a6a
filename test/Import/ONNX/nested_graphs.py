"""Models with graphs in graphs and functions of their own, and what NumPy gives for them; `ph verify` compares.

    nested_graphs.py OUTDIR        prints `NAME: PASS` or what `ph verify` says
"""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from node_tests import numpy, onnx, save

from onnx import parser

HEAD = '<ir_version: 10, opset_import: ["" : 21, "own" : 1]>\n'
MODELS = {
    # Chosen while compiling: the branch that is not taken holds an operator that nobody knows.
    "if-constant": HEAD + """
g (float[N, 4] x) => (float[N, 4] y) {
  c = Constant<value: tensor = bool c {1}>()
  y = If (c) <then_branch = t () => (float[N, 4] u) { u = Neg(x) },
              else_branch = e () => (float[N, 4] u) { u = other.Unknown(x) }>
}""",
    # Chosen at run time.
    "if-chosen": HEAD + """
g (float[N, 4] x) => (float[N, 4] y) {
  sum = ReduceSum<keepdims = 0>(x)
  zero = Constant<value_float = 0.0>()
  c = Less(sum, zero)
  y = If (c) <then_branch = t () => (float[N, 4] u) { u = Neg(x) },
              else_branch = e () => (float[N, 4] u) { u = Exp(x) }>
}""",
    # Rounds with a state, and with results that are stacked.
    "loop": HEAD + """
g (float[N, 4] x) => (float[N, 4] y, float[3, N, 4] all) {
  three = Constant<value_int = 3>()
  yes = Constant<value: tensor = bool c {1}>()
  y, all = Loop (three, yes, x) <body = b (int64 i, bool c, float[N, 4] s) => (bool d, float[N, 4] u, float[N, 4] v) {
    d = Identity(c)
    f = Cast<to = 1>(i)
    t = Add(s, f)
    u = Tanh(t)
    v = Mul(u, x)
  }>
}""",
    # A loop that ends before its rounds are over.
    "loop-ends": HEAD + """
g (float[N, 4] x) => (float[N, 4] y) {
  many = Constant<value_int = 9>()
  two = Constant<value_int = 2>()
  yes = Constant<value: tensor = bool c {1}>()
  y = Loop (many, yes, x) <body = b (int64 i, bool c, float[N, 4] s) => (bool d, float[N, 4] u) {
    d = Less(i, two)
    u = Add(s, x)
  }>
}""",
    # A function that calls another one, with an attribute that it passes on and one that it has itself.
    "functions": HEAD + """
g (float[N, 4] x) => (float[N, 4] y) {
  a = own.Scaled<slope = 0.25>(x)
  b = own.Scaled(x)
  y = Add(a, b)
}
<opset_import: ["" : 21, "own" : 1], domain: "own">
Leaky <by> (x) => (y) {
  y = LeakyRelu<alpha: float = @by>(x)
}
<opset_import: ["" : 21, "own" : 1], domain: "own">
Scaled <slope: float = 0.5> (x) => (y) {
  l = own.Leaky<by: float = @slope>(x)
  y = Mul(l, x)
}""",
}


def loop(x):
    state, rounds = x, []
    for i in range(3):
        state = numpy.tanh(state + i)
        rounds.append(state * x)
    return state, numpy.stack(rounds)


def functions(x):
    leaky = [numpy.where(x < 0, slope * x, x) * x for slope in (0.25, 0.5)]
    return (sum(leaky),)


EXPECTED = {
    "if-constant": lambda x: (-x,),
    "if-chosen": lambda x: (-x if x.sum() < 0 else numpy.exp(x),),
    "loop": loop,
    "loop-ends": lambda x: (4 * x,),
    "functions": functions,
}
REFUSED = {
    "rounds-at-run-time": HEAD + """
g (int64 n, float[N, 4] x) => (float[N, 4] y) {
  yes = Constant<value: tensor = bool c {1}>()
  y = Loop (n, yes, x) <body = b (int64 i, bool c, float[N, 4] s) => (bool d, float[N, 4] u) {
    d = Identity(c)
    u = Add(s, x)
  }>
}""",
    "endless": HEAD + """
g (float[N, 4] x) => (float[N, 4] y) {
  yes = Constant<value: tensor = bool c {1}>()
  y = Loop ("", yes, x) <body = b (int64 i, bool c, float[N, 4] s) => (bool d, float[N, 4] u) {
    d = Identity(c)
    u = Add(s, x)
  }>
}""",
    "recursion": HEAD + """
g (float[N, 4] x) => (float[N, 4] y) {
  y = own.Again(x)
}
<opset_import: ["" : 21, "own" : 1], domain: "own">
Again (x) => (y) {
  y = own.Again(x)
}""",
}  # fmt: skip


def verify(folder):
    return subprocess.run(["ph", "verify", folder / "m.onnx", folder / "t.safetensors"], capture_output=True, text=True)


def main():
    root = pathlib.Path(sys.argv[1])
    x = numpy.random.default_rng(5).standard_normal((3, 4)).astype(numpy.float32)
    for name, text in MODELS.items():
        model = parser.parse_model(text)
        folder = root / name
        folder.mkdir(parents=True)
        (folder / "m.onnx").write_bytes(model.SerializeToString())
        for sign in (1, -1) if name == "if-chosen" else (1,):
            given = sign * numpy.abs(x) if name == "if-chosen" else x
            results = EXPECTED[name](given)
            names = [output.name for output in model.graph.output]
            save(folder / "t.safetensors", {"x": given, **{f"out.{key}": value for key, value in zip(names, results)}})
            done = verify(folder)
            print(f"{name}: {'PASS' if done.returncode == 0 else done.stdout + done.stderr}")
    for name, text in REFUSED.items():
        folder = root / name
        folder.mkdir(parents=True)
        (folder / "m.onnx").write_bytes(parser.parse_model(text).SerializeToString())
        save(folder / "t.safetensors", {"x": x})
        done = verify(folder)
        print(f"{name}: exit code {done.returncode}: {done.stderr.strip()}")


if __name__ == "__main__":
    main()
