"""Does the exercise of CONTRIBUTING.md in a copy of the repository: applies the patch that the page prints, builds, tests.

usage: exercise.py FOLDER [CMAKE FLAG...]

The copy is made in FOLDER, which must be empty or absent. Prints what was done; fails at the first thing that does not hold.
"""

import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# What the patch brings must be among what passed.
EXPECTED = ("Dialect/Transformer/clamp-invalid.mlir", "Transforms/Cleanup/merge-clamps.mlir",
            "Dialect/Transformer/examples.test", "Habits/docs.test", "Habits/tree.test", "Habits/layers.test")


def run(folder, *command):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{(done.stdout + done.stderr)[-6000:]}")
    return done.stdout


def copy_tree(target):
    names = run(ROOT, "git", "ls-files", "-co", "--exclude-standard", "-z").split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    # Checks of the tree ask git what is in it.
    run(target, "git", "init", "-q")


def main():
    target, flags = pathlib.Path(sys.argv[1]), sys.argv[2:]
    copy_tree(target)
    page = (target / "CONTRIBUTING.md").read_text(encoding="utf-8")
    patch = re.search(r"^## Exercise.*?^```diff\n(.*?)^```$", page, re.S | re.M)[1]
    (target / "exercise.patch").write_text(patch, encoding="utf-8")
    run(target, "git", "apply", "exercise.patch")
    (target / "exercise.patch").unlink()
    print(f"applied a patch of {patch.count(chr(10))} lines")

    run(target, "make", "docs")
    run(target, "cmake", "--preset", "release", *flags)
    run(target, "cmake", "--build", "build", "--target", "ph-opt", "analysis-test")
    print("built")

    run(target, "build/test/analysis-test")  # among others: every op has a cost
    run(target, "clang-format-22", "--dry-run", "--Werror", *re.findall(r"^\+\+\+ b/(\S+\.cpp)$", patch, re.M))
    tests = "clamp|examples.test|Habits/(docs|tree|layers)"
    said = run(target, "lit", "-v", "build/test", "--filter", tests)
    for name in EXPECTED:
        if f"PASS: Powerhouse :: {name}" not in said:
            sys.exit(f"{name} is not among what passed:\n{said}")
    print("every test passed")


main()
