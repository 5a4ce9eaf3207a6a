"""A program at work, seen from outside."""

import pathlib
import subprocess
import time


def _peak(process):
    """The largest resident memory of a process until now, in bytes; 0 if it is gone."""
    try:
        lines = pathlib.Path(f"/proc/{process}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


def _child(process):
    """A child that runs; 0 if there is none."""
    try:
        children = pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(children[0]) if children else 0


class Watch:
    """Runs `command` in `folder` to its end; 100 times a second it looks at how much memory it has, and its child.

    code, errors         how it ended, and its standard error stream
    peak                 the largest resident memory of the process itself, in bytes
    child_seconds        how long children ran: ph compiles in one
    child_peak           their largest resident memory
    """

    def __init__(self, command, folder):
        self.peak = self.child_peak = 0
        self.child_seconds = 0.0
        with open(folder / "errors.txt", "w+", encoding="utf-8") as errors:
            process = subprocess.Popen([str(part) for part in command], cwd=folder, stdout=subprocess.DEVNULL, stderr=errors)
            before = time.perf_counter()
            while process.poll() is None:
                self.peak = max(self.peak, _peak(process.pid))
                child, now = _child(process.pid), time.perf_counter()
                if child:
                    self.child_peak = max(self.child_peak, _peak(child))
                    self.child_seconds += now - before
                before = now
                time.sleep(0.01)
            errors.seek(0)
            self.code, self.errors = process.returncode, errors.read()
