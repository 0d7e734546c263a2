"""What the measuring scripts share: the programs to run, a provider to run them against, and an honest clock."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OWNER = "jane@acme.example"


def ssoctl():
    """The binary to measure: `SSOCTL_BINARY`, else the release build, built now."""
    named = os.environ.get("SSOCTL_BINARY")
    if named:
        return str(Path(named).resolve())
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=ROOT, check=True)
    return str(target_folder() / "release" / "ssoctl")


def target_folder():
    words = ["cargo", "metadata", "--no-deps", "--format-version", "1"]
    return Path(json.loads(subprocess.check_output(words, cwd=ROOT))["target_directory"])


def bench_binary(name):
    """`SSOCTL_BENCH_NAME`, else `benches/NAME.rs`, built now: where it is."""
    named = os.environ.get(f"SSOCTL_BENCH_{name.upper()}")
    if named:
        return str(Path(named).resolve())
    words = ["cargo", "bench", "--quiet", "--no-run", "--bench", name, "--message-format", "json"]
    for line in subprocess.check_output(words, cwd=ROOT).splitlines():
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == name:
            return message["executable"]
    sys.exit(f"cargo built no bench `{name}`")


def environment(folder):
    """Nothing of the caller's but the path to programs."""
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"}


def spawn(words, env=None, cwd=None, stdin=os.devnull, stdout=os.devnull, code=0):
    """Runs a program to its end: seconds from before the spawn to after the reaping, and its peak memory in KiB.

    The kernel counts what the child was before it became the program, so the peak is never less than this script's own
    (some 12 MiB): an upper bound.
    """
    with open(stdin, "rb") as source, open(stdout, "wb") as sink, open(os.devnull, "wb") as nowhere:
        actions = [
            (os.POSIX_SPAWN_DUP2, source.fileno(), 0),
            (os.POSIX_SPAWN_DUP2, sink.fileno(), 1),
            (os.POSIX_SPAWN_DUP2, nowhere.fileno(), 2),
        ]
        before = os.getcwd()
        if cwd:
            os.chdir(cwd)
        try:
            started = time.perf_counter()
            pid = os.posix_spawn(words[0], words, os.environ if env is None else env, file_actions=actions)
            _, status, usage = os.wait4(pid, 0)
            spent = time.perf_counter() - started
        finally:
            os.chdir(before)
    if os.waitstatus_to_exitcode(status) != code:
        sys.exit(f"ended with {os.waitstatus_to_exitcode(status)} and not {code}: {' '.join(words)}")
    return spent, usage.ru_maxrss


def p50(values):
    return statistics.median(values)


def ms(seconds):
    return f"{seconds * 1000:.2f} ms"


class Provider:
    """`benches/provider.rs`, running."""

    def __init__(self, folder, latency_ms=0, http1=False):
        self.words = [bench_binary("provider"), "--folder", str(folder), "--latency-ms", str(latency_ms)]
        if http1:
            self.words.append("--http1")

    def __enter__(self):
        self.process = subprocess.Popen(self.words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.facts = json.loads(self.process.stdout.readline())
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def __getitem__(self, name):
        return self.facts[name]


class Installation:
    """A folder in which `ssoctl init --sample-data` has run, and the flags to reach a provider from it."""

    def __init__(self, folder, binary, provider):
        self.folder = Path(folder)
        self.binary, self.provider = binary, provider
        subprocess.run(
            [binary, "--config", "ssoctl.toml", "init", "--sample-data"],
            cwd=self.folder, env=environment(self.folder), check=True, stdout=subprocess.DEVNULL,
        )
        (self.folder / "secret.txt").write_text(provider["client_secret"])
        self.pristine = tempfile.mkdtemp(dir=self.folder)
        for name in ("ssoctl.db", "ssoctl.db-wal", "ssoctl.db-shm"):
            if (self.folder / name).exists():
                shutil.copy(self.folder / name, self.pristine)

    def reset(self):
        """The database as `init` left it."""
        for file in self.folder.glob("ssoctl.db*"):
            file.unlink()
        for file in Path(self.pristine).iterdir():
            shutil.copy(file, self.folder)

    def words(self, command, *more):
        return [
            self.binary, "--config", "ssoctl.toml", "--allow-origin", self.provider["origin"],
            "--ca-cert", self.provider["ca_file"], command, "--issuer", self.provider["issuer"],
            "--client-id", self.provider["client_id"], "--client-secret-file", "secret.txt", *more,
        ]

    def run(self, command, *more, stdout=os.devnull):
        return spawn(self.words(command, *more), env=environment(self.folder), cwd=self.folder, stdout=stdout)
