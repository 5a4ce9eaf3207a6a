"""A disk that is full while a checkpoint is saved: exit code 5, earlier checkpoints as they were, and training goes on
from them once there is room.

    disk_full.py FOLDER COMMAND...
"""

import pathlib
import resource
import shutil
import subprocess
import sys

import training


def run(command, config, *more, most=None):
    """Exit code and errors; no file may have more than `most` bytes."""
    limit = (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))) if most else None
    done = subprocess.run([*command, config, *more], stderr=subprocess.PIPE, text=True, preexec_fn=limit)
    return done.returncode, done.stderr


def main():
    folder, command = pathlib.Path(sys.argv[1]), sys.argv[2:]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    training.write_data(folder)
    config = training.write_config(folder, "out", save_steps=20, save_total_limit=0)
    assert run(command, config)[0] == 0
    out = folder / "out"
    curve, files = training.curve(out), training.contents(out)
    assert {path.split("/")[0] for path in files if "/" in path} == {"checkpoint-20", "checkpoint-40", "checkpoint-56"}

    # The log fits, no checkpoint does. What step 40 would write is there from before, and stays too.
    code, errors = run(command, config, "--resume", str(out / "checkpoint-20"), most=100_000)
    assert code == 5, (code, errors)
    assert "checkpoint-40" in errors and "earlier checkpoints are as they were" in errors, errors
    assert training.contents(out) == files
    assert len(training.curve(out)) == 40

    # A log that can't grow.
    code, errors = run(command, config, "--resume", str(out / "checkpoint-20"), most=4_000)
    assert code == 5 and "training.jsonl" in errors, (code, errors)
    assert training.contents(out) == files

    assert run(command, config, "--resume", str(out / "checkpoint-20"))[0] == 0
    assert training.curve(out) == curve


if __name__ == "__main__":
    main()
