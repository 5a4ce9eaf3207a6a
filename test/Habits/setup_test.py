"""utils/setup.sh: silent when nothing is missing, installs as root or through sudo, else names what is missing."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

UTILS = pathlib.Path(__file__).resolve().parent.parent.parent / "utils"


class Setup(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.bin = pathlib.Path(temporary.name)
        self.log = self.bin / "log"
        for tool in ("bash", "dirname", "grep", "env", "cat"):
            (self.bin / tool).symlink_to(shutil.which(tool))

    def fake(self, name, body):
        path = self.bin / name
        path.write_text(f"#!{shutil.which('bash')}\n{body}\n")
        path.chmod(0o755)

    def machine(self, missing, user, sudo=False, apt="exit 0"):
        """A machine that lacks the packages named in `missing`."""
        self.fake("dpkg-query", f'case " {missing} " in *" ${{@: -1}} "*) exit 1;; esac; printf "install ok installed"')
        self.fake("id", f"echo {user}")
        self.fake("apt-get", f'echo "apt-get $*" >> {self.log}; {apt}')
        if sudo:
            self.fake("sudo", f'echo sudo >> {self.log}; exec "$@"')

    def run_setup(self):
        done = subprocess.run(
            [self.bin / "bash", UTILS / "setup.sh"], env={"PATH": str(self.bin)}, capture_output=True, text=True
        )
        return done.returncode, done.stdout + done.stderr, self.log.read_text() if self.log.exists() else ""

    def test_nothing_missing(self):
        self.machine("", user=1000)
        self.assertEqual(self.run_setup(), (0, "", ""))

    def test_root_installs_only_what_is_missing(self):
        self.machine("ccache cmake", user=0)
        code, _, log = self.run_setup()
        self.assertEqual(code, 0)
        self.assertIn(" update\n", log)
        self.assertTrue(log.endswith("install -y --no-install-recommends cmake ccache\n"), log)
        self.assertNotIn("sudo", log)

    def test_sudo(self):
        self.machine("ccache", user=1000, sudo=True)
        code, _, log = self.run_setup()
        self.assertEqual(code, 0)
        self.assertEqual(log.count("sudo"), 2)

    def test_neither_root_nor_sudo(self):
        self.machine("ccache cmake", user=1000)
        code, output, log = self.run_setup()
        self.assertEqual(code, 1)
        self.assertIn("needs root", output)
        self.assertIn("apt-get install --no-install-recommends cmake ccache", output)
        self.assertEqual(log, "")

    def test_apt_fails(self):
        self.machine("ccache", user=0, apt="exit 100")
        code, output, _ = self.run_setup()
        self.assertEqual(code, 1)
        self.assertIn("could not install: ccache", output)


if __name__ == "__main__":
    unittest.main()
