"""Differentiates random modules and compares with differences.

usage: random_modules.py PH_OPT SEEDS COUNTS

Seeds are "from:count". A module's plain matrices and vectors become arguments, times a factor that keeps activations of deep modules in the range of those of real ones, and in every other
module so do packed ones, plain. What is without a derivative on purpose is counted, anything else is an error. The last line printed is
written to the file COUNTS.
"""

import collections
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

WEIGHT = re.compile(r"  xf\.weight @(\w+) : tensor<([\dx]*)f32(, #xf\.format<\w+>)?>( stacked)?.*\n")
LOAD = re.compile(r"( *)(%\w+) = xf\.load_weight @(\w+)(?:\[(%\w+)\])? : (tensor<\S+>)\n")
COUNTED = re.compile(r"functions: (\d+) comparisons at (\d+) points \((\d+) passed over at kinks\), largest error (\S+)$")
# What stands between, and has no derivative.
REFUSED = {
    "carries '!xf.cache": "caches",
    "reads a cache": "caches",
    "has packed matrices": "packed experts",
    "'xf.attention_backward' op has no derivative rule": "second derivatives of attention",
    "perhaps: its derivative needs to know": "sizes that may repeat",
    "has nothing to differentiate": "nothing to differentiate",
}


def with_arguments(module, strip):
    """The module with its weights as arguments of @forward."""
    if strip:
        module = re.sub(r", #xf\.format<(q8_0|q4_1|q4_0|f16|bf16)>", "", module)
    types = {}

    def take(match):
        name, dims, packed, stacked = match.groups()
        if packed or name == "unused":
            return match[0]
        types[name] = f"tensor<{dims}f32>"
        return ""

    def load(match):
        indent, result, name, layer, kind = match.groups()
        read_name, factor = f"%read_{result[1:]}", f"%factor_{result[1:]}"
        if name not in types:
            return match[0]
        read = f"{indent}{read_name} = " + (f"xf.stack_read %{name}[{layer}] : {types[name]} -> {kind}" if layer else
                                              f"tensor.cast %{name} : {kind} to {kind}") + "\n"
        return (f"{indent}{factor} = arith.constant dense<0.1> : tensor<f32>\n{read}"
                f"{indent}{result} = xf.elementwise mul {read_name}, {factor} : ({kind}, tensor<f32>) -> {kind}\n")

    module = LOAD.sub(load, WEIGHT.sub(take, module))
    arguments = "".join(f', %{name}: {kind} {{xf.name = "{name}"}}' for name, kind in types.items())
    return re.sub(r"func\.func @forward\((.*?)\) ->", lambda match: f"func.func @forward({(match[1] + arguments).removeprefix(', ')}) ->", module)


def check(tool, seed):
    """The counts of a seed's module, or why there are none, and whether that is an error."""
    module = subprocess.run([tool, f"--generate={seed}"], capture_output=True, text=True, check=True).stdout
    if "xf.encode" in module or "#xf.format<i8" in module:
        return None, "activations that are rounded", None
    module = with_arguments(module, seed % 2 == 0)
    # Small, however large the weights are.
    sizes = [f"{name}=2x3{rest}" for rest, name in re.findall(r'tensor<\?x\?((?:x\d+)*)x\w+> \{xf.name = "(\w+)"\}', module)]
    run = subprocess.run([tool, "-", "--check-derivatives=forward", "--check-points=1", "--check-along-all", f"--dims={','.join(sizes)}"],
                         input=module, capture_output=True, text=True)
    found = COUNTED.search(run.stdout.strip())
    if run.returncode == 0 and found:
        return found, None, None
    for message, reason in REFUSED.items():
        if message in run.stderr:
            return None, reason, None
    return None, None, f"seed {seed}: {run.stderr}"


def main():
    tool, seeds, counts = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    first, count = map(int, seeds.split(":"))
    comparisons = passed_over = checked = wrong = 0
    largest, without = 0.0, collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as threads:
        for found, reason, error in threads.map(lambda seed: check(tool, seed), range(first, first + count)):
            if error:
                wrong += 1
                print(f"error: {error}")
            elif reason:
                without[reason] += 1
            else:
                checked += 1
                comparisons += int(found[1])
                passed_over += int(found[3])
                largest = max(largest, float(found[4]))
    reasons = ", ".join(f"{number} with {reason}" for reason, number in sorted(without.items()))
    line = (f"{checked} of {count} random modules differentiated ({reasons}), {comparisons} comparisons, {passed_over} points passed over at kinks, "
            f"largest error {largest:.1e}, {wrong} wrong")
    print(line)
    counts.parent.mkdir(parents=True, exist_ok=True)
    counts.write_text(line + "\n")


main()
