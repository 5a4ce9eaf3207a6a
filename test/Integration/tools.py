"""What the integration tests share: running a tool and measuring it, artifacts of the default model, reading artifacts."""

import dataclasses
import fcntl
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

from gguf_file import GgufFile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "utils"))
import default_model

DATA = pathlib.Path(__file__).resolve().parent.parent / "Data"
MODEL = default_model.find()


@dataclasses.dataclass
class Done:
    code: int
    out: str
    err: str
    peak_rss: int  # bytes

    def error_lines(self):
        """Lines of stderr that are errors, not progress."""
        return [line for line in self.err.replace("\r", "\n").splitlines() if "error:" in line]


def run(*command, limit=600, stdout=None, preexec=None, environment=None):
    """Runs a command to its end. `stdout` may name a file to write to; `preexec` runs in the child before it starts."""
    command = [str(part) for part in command]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(
            ["timeout", str(limit), *command],
            stdin=subprocess.DEVNULL,
            stdout=stdout or out,
            stderr=err,
            preexec_fn=preexec,
            restore_signals=preexec is None,
            env={**os.environ, **(environment or {})},
        )
        # The usage that wait4 gives for `timeout` counts what it waited for, the tool itself.
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return Done(
            child.returncode,
            out.read().decode(errors="surrogateescape"),
            err.read().decode(errors="replace"),
            usage.ru_maxrss * 1024,
        )


def succeed(*command, **options):
    """Runs a command that must exit with 0."""
    done = run(*command, **options)
    if done.code:
        raise AssertionError(f"{' '.join(map(str, command))} ended with {done.code}:\n{done.err[-3000:]}")
    return done


def artifact(activations="int8"):
    """The default model compiled for this machine, once for all tests of a build."""
    phc = pathlib.Path(shutil.which("phc"))
    built = max(
        path.stat().st_mtime for path in (phc, phc.parent.parent / "lib/libPowerhouseCompiler.so") if path.exists()
    )
    folder = phc.parent.parent / "test/artifacts"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"smollm2-{activations}.phx"
    with open(folder / f"{activations}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists() or path.stat().st_mtime < built:
            succeed("phc", "smollm2", "-o", path, f"--activations={activations}")
    return path


def tiny_model(path=None, *flags):
    """A made-up llama that compiles in a moment; without a path, one for all tests of a process."""
    if path is None:
        if not _tiny:
            _tiny.append(tempfile.TemporaryDirectory())
            tiny_model(pathlib.Path(_tiny[0].name) / "tiny.gguf")
        return pathlib.Path(_tiny[0].name) / "tiny.gguf"
    make = pathlib.Path(__file__).resolve().parent / "make_tiny_gguf.py"
    subprocess.run([sys.executable, make, path, *flags], check=True)
    return path


_tiny = []


@dataclasses.dataclass
class Artifact:
    """A .phx file taken apart; the layout is in runtime/formats/Artifact.h."""

    elf_bytes: int
    weight_bytes: int
    manifest: dict

    @staticmethod
    def read(path):
        with open(path, "rb") as file:
            file.seek(-64, os.SEEK_END)
            magic, version, _, elf, meta, _, _, weights = struct.unpack("<8sII5Q", file.read(56))
        assert (magic, version) == (b"PHXART01", 2), path
        return Artifact(elf, weights, json.loads(GgufFile(path, meta).text("powerhouse.manifest")))
