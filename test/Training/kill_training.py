"""Kills a training at random points and resumes it: the losses and the result must be those of one that ran through.

    kill_training.py --points 5 [--seed 1] [--signal KILL|INT] [--counts FILE] FOLDER CONFIG COMMAND...

CONFIG is a configuration without `output_dir`; relative paths in it begin at its folder. COMMAND is run with the path of
a configuration behind it, and to resume with --resume behind that. FOLDER is emptied.
"""

import argparse
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import threading
import time

import training


def steps_in(log):
    try:
        return log.read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def run(command, config, resume, moment=None, how=signal.SIGKILL):
    """Runs to the end, or sends a signal when `moment`, which waits for it, returns; the exit code."""
    # A test runner may ignore SIGINT, which a child would inherit.
    process = subprocess.Popen([*command, config, *(["--resume"] if resume else [])], stderr=subprocess.PIPE, text=True,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    if moment:
        killer = threading.Thread(target=lambda: moment(process) and process.send_signal(how), daemon=True)
        killer.start()
    _, errors = process.communicate()
    expected = {0, -signal.SIGKILL} if how == signal.SIGKILL else {0, 130}
    if process.returncode not in expected:
        sys.exit(f"error: exit code {process.returncode}: {errors}")
    return process.returncode


def at_time(seconds):
    """A moment so long after the start; whether the process is still there then."""

    def wait(process):
        end = time.monotonic() + seconds
        while time.monotonic() < end and process.poll() is None:
            time.sleep(0.001)
        return process.poll() is None

    return wait


def at_step(log, step, delay):
    """A moment so long after a line of the log."""

    def wait(process):
        while steps_in(log) < step and process.poll() is None:
            time.sleep(0.0005)
        return at_time(delay)(process)

    return wait


def measure(train, log):
    """Seconds until the log begins, and until the training ends."""
    begin, began = time.monotonic(), []

    def watch():
        while not began:
            if log.exists():
                began.append(time.monotonic() - begin)
            time.sleep(0.002)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    train()
    watcher.join()
    return began[0], time.monotonic() - begin


def steps_of(folder):
    """Of its checkpoints."""
    numbers = (path.name.removeprefix("checkpoint-") for path in folder.glob("checkpoint-*"))
    return {int(number) for number in numbers if number.isdigit()}


def is_kept(name, steps):
    folder = name.split("/")[0].removeprefix("checkpoint-")
    return not folder.isdigit() or int(folder) in steps


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--signal", choices=("KILL", "INT"), default="KILL")
    parser.add_argument("--counts", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("config", type=pathlib.Path)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    a = parser.parse_args()
    how = signal.SIGKILL if a.signal == "KILL" else signal.SIGINT
    shutil.rmtree(a.folder, ignore_errors=True)
    a.folder.mkdir(parents=True)

    def configure(name):
        path = a.config.parent / f"{a.config.stem}-{a.folder.name}-{name}.yml"
        path.write_text(a.config.read_text() + f"\noutput_dir: {(a.folder / name).resolve()}\n")
        return path

    whole = a.folder / "whole"
    startup, duration = measure(lambda: run(a.command, configure("whole"), resume=False), whole / "training.jsonl")
    expected, result = training.curve(whole), training.contents(whole)
    if len(expected) < 10:
        sys.exit(f"error: a training of {len(expected)} steps is too short to be killed in the middle")

    moments, kills, early, trainings = random.Random(a.seed), 0, 0, 0
    step_seconds = (duration - startup) / len(expected)
    first_save = min(steps_of(whole), default=1)
    config, output = configure("broken"), a.folder / "broken"
    while kills < a.points:
        shutil.rmtree(output, ignore_errors=True)
        trainings += 1
        done = False
        while not done:
            resume = bool(steps_of(output))
            # One in five anywhere, also before the first step; the others in a step after a checkpoint, of those that are
            # left. Some trainings are quicker than the signal.
            moment = at_time(moments.uniform(0, duration))
            begin = max(steps_in(output / "training.jsonl") if resume else 0, first_save)
            if moments.random() >= 0.2 and begin < len(expected):
                moment = at_step(output / "training.jsonl", moments.randrange(begin, len(expected)), moments.uniform(0, 2 * step_seconds))
            done = run(a.command, config, resume, moment if kills < a.points else None, how) == 0
            kills += not done
            early += not done and not steps_of(output)
        if training.curve(output) != expected:
            found = training.curve(output)
            first = next((i for i, (x, y) in enumerate(zip(found, expected)) if x != y), min(len(found), len(expected)))
            sys.exit(f"error: after {kills} kills (seed {a.seed}) the log differs from line {first + 1} on: "
                     f"{found[first:first + 1]} for {expected[first:first + 1]}")
        left = training.contents(output)
        # When it began, each training says for itself.
        kept = steps_of(output) & steps_of(whole)  # one that was stopped has others besides
        wanted = dict(result)
        for files in (left, wanted):
            for name in [name for name in files if name.endswith("trainer_state.json") or not is_kept(name, kept)]:
                del files[name]
        if left != wanted:
            sys.exit(f"error: after {kills} kills (seed {a.seed}) the files differ: "
                     f"{sorted(name for name in left.keys() | wanted.keys() if left.get(name) != wanted.get(name))}")
    if early > a.points // 2:
        sys.exit(f"error: {early} of {kills} ended before a checkpoint, where there is nothing to resume")
    line = (f"{kills} trainings ended with SIG{a.signal} at random points ({early} before a checkpoint), "
            f"{trainings} finished with the same {len(expected)} losses")
    if a.counts:
        a.counts.parent.mkdir(parents=True, exist_ok=True)
        a.counts.write_text(line + "\n")
    print(line)


if __name__ == "__main__":
    main()
