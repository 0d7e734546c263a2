#!/usr/bin/env python3
"""From process start to the first connection committed: `ssoctl onboard --yes`, with every check against a provider over
TLS on loopback and a durable write, beside the npm library @boxyhq/saml-jackson, which checks nothing and here keeps its
connection in memory: its quickest engine. Goal: 30 times sooner (p50); peak memory at most 24 MiB; binary at most 20 MiB.

The library is installed by name into FOLDER (default: a temporary folder, which takes minutes), never into this tree."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import measure

LIBRARY = "@boxyhq/saml-jackson@26.2.0"
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 20


def install(folder):
    if not (Path(folder) / "node_modules" / "@boxyhq" / "saml-jackson").exists():
        subprocess.run(["npm", "install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", LIBRARY],
                       check=True, stdout=sys.stderr)


def jackson(node, folder, provider):
    """Seconds from before the spawn until it says that the connection is stored (its way out is not counted), and its
    peak memory in KiB."""
    driver = str(Path(__file__).with_name("first_connection_jackson.cjs"))
    words = [node, driver, folder, provider["issuer"], provider["client_id"], provider["client_secret"]]
    # No analytics: it is the library that is measured, not somebody's server.
    env = measure.environment(folder) | {"NODE_EXTRA_CA_CERTS": provider["ca_file"], "DO_NOT_TRACK": "1"}
    started = time.perf_counter()
    process = subprocess.Popen(words, env=env, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    stored = next((time.perf_counter() for line in process.stdout if line.startswith(b"stored")), None)
    _, _, usage = os.wait4(process.pid, 0)
    if stored is None:
        sys.exit(f"{LIBRARY} stored nothing")
    return stored - started, usage.ru_maxrss


def main():
    library = sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="ssoctl-bench-jackson-")
    node = shutil.which("node") or sys.exit("node is needed for the comparison")
    install(library)
    binary = measure.ssoctl()
    with tempfile.TemporaryDirectory() as folder, measure.Provider(folder) as provider:
        here = measure.Installation(folder, binary, provider)
        times, peaks = {"ssoctl": [], "jackson": []}, {"ssoctl": [], "jackson": []}
        for round_ in range(-2, ROUNDS):
            here.reset()
            spent = {
                "ssoctl": here.run("onboard", "--yes", "--owner", measure.OWNER),
                "jackson": jackson(node, library, provider),
            }
            if round_ >= 0:
                for name, (seconds, kib) in spent.items():
                    times[name].append(seconds)
                    peaks[name].append(kib)
        p50 = {name: measure.p50(values) for name, values in times.items()}
        print(f"p50 of {ROUNDS}: ssoctl {measure.ms(p50['ssoctl'])}, saml-jackson {measure.ms(p50['jackson'])}")
        print(f"sooner by: {p50['jackson'] / p50['ssoctl']:.1f} (goal 30)")
        print(f"peak memory: ssoctl {max(peaks['ssoctl']) / 1024:.1f} MiB (goal 24), "
              f"saml-jackson {max(peaks['jackson']) / 1024:.1f} MiB")
        print(f"binary: {os.path.getsize(binary) / 1024 / 1024:.1f} MiB (goal 20)")


main()
