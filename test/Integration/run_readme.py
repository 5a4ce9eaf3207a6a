"""Runs the commands of README.md's sh blocks, as written, in an empty folder: run_readme.py README FOLDER DATA...

`make` lines are left out (they are what runs this). Files named after FOLDER are copied there first. Fails at the first
command that fails, and if there were suspiciously few.
"""

import pathlib
import re
import shutil
import subprocess
import sys


def commands(text):
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.strip() and not line.startswith("make "):
                yield line


def main():
    readme, folder, *data = map(pathlib.Path, sys.argv[1:])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for file in data:
        shutil.copy(file, folder)
    count = 0
    for line in commands(readme.read_text(encoding="utf-8")):
        done = subprocess.run(
            ["bash", "-c", line], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600
        )
        print(f"$ {line}\n{done.stdout[-500:]}")
        if done.returncode:
            sys.exit(f"'{line}' ended with {done.returncode}:\n{done.stderr[-2000:]}")
        count += 1
    if count < 10:
        sys.exit(f"only {count} commands found in {readme}")


if __name__ == "__main__":
    main()
