"""Compares what `ph train --dry-run` says of memory with the most that the training takes: train_memory.py FOLDER COUNTS"""

import pathlib
import re
import shutil
import subprocess
import sys
import time

import tiny_folder

UNITS = {"kB": 1e3, "MB": 1e6, "GB": 1e9}


def peak_of(command):
    """The most memory that a process has at a time, without its children (the compiler), in bytes."""
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    most = 0
    while process.poll() is None:
        try:
            found = re.search(r"VmHWM:\s+(\d+) kB", pathlib.Path(f"/proc/{process.pid}/status").read_text())
            most = max(most, int(found[1]) * 1024) if found else most
        except OSError:
            pass  # it has just ended
        time.sleep(0.002)
    assert process.returncode == 0, command
    return most


def main():
    folder, counts = map(pathlib.Path, sys.argv[1:3])
    shutil.rmtree(folder, ignore_errors=True)
    tiny_folder.HIDDEN, tiny_folder.LAYERS, tiny_folder.HEADS, tiny_folder.INNER, tiny_folder.LENGTH = 192, 3, 4, 512, 256
    tiny_folder.make("causal", folder / "model")
    (folder / "text.txt").write_text("All that happens must be known, said the manual of the machine. " * 100)
    lines, errors = [], []
    for name, rows, more in (("full", 2, ""), ("wide", 8, ""), ("lora", 8, "adapter: lora\nlora_r: 8\nlora_target_linear: true\n")):
        config = folder / f"{name}.yml"
        config.write_text(f"base_model: model\ndatasets: [{{path: text.txt}}]\nsequence_len: 256\nmicro_batch_size: {rows}\n"
                          f"max_steps: 2\nlearning_rate: 0.001\noutput_dir: {name}\n{more}")
        told = subprocess.run(["ph", "train", config, "--dry-run"], capture_output=True, text=True, check=True).stderr
        number, unit = re.search(r"^memory ([0-9.]+) (\w+),", told, re.M).groups()
        said, peak = float(number) * UNITS[unit], peak_of(["ph", "train", config])
        errors.append(said / peak - 1)
        lines.append(f"{name} {said / 1e6:.0f} of {peak / 1e6:.0f} MB")
        assert abs(errors[-1]) <= 0.1, lines
    line = f"memory of trainings as --dry-run says it: {', '.join(lines)}, at most {max(map(abs, errors)):.1%} off"
    counts.parent.mkdir(parents=True, exist_ok=True)
    counts.write_text(line + "\n")
    print(line)


if __name__ == "__main__":
    main()
