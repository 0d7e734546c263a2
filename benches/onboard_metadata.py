#!/usr/bin/env python3
"""A whole `ssoctl onboard --metadata FILE` on the embedded database, beside this machine's floor: one process start and one
durable commit of one row, taking turns. Goal: at most 3 times as long (p50)."""

import base64
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import measure

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 60
METADATA = """<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="urn:acme:idp">
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>
{certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.acme.example/sso"/>
  </IDPSSODescriptor>
</EntityDescriptor>
"""


def certificate(folder):
    """A fresh self-signed one, by openssl."""
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", os.devnull, "-days", "900",
             "-subj", "/CN=acme", "-outform", "DER", "-out", str(folder / "certificate.der")]
    subprocess.run(words, check=True, stderr=subprocess.DEVNULL)
    return base64.encodebytes((folder / "certificate.der").read_bytes()).decode()


class Commits:
    """One row at a time into a database of its own in the same folder, as durable as ours."""

    def __init__(self, folder):
        self.database = sqlite3.connect(folder / "floor.db", isolation_level=None)
        self.database.execute("PRAGMA journal_mode = WAL")
        self.database.execute("PRAGMA synchronous = FULL")
        self.database.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)")

    def one(self):
        started = time.perf_counter()
        self.database.execute("INSERT INTO rows (text) VALUES ('one row')")
        return time.perf_counter() - started


binary = measure.ssoctl()
with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
    folder = Path(name)
    environment = measure.environment(folder)
    subprocess.run([binary, "init", "--sample-data", "-q"], cwd=folder, env=environment, check=True,
                   stdout=subprocess.DEVNULL)
    (folder / "metadata.xml").write_text(METADATA.format(certificate=certificate(folder)))
    pristine = folder / "pristine"
    pristine.mkdir()
    for file in folder.glob("ssoctl.db*"):
        shutil.copy(file, pristine)
    commits = Commits(folder)
    # The report goes into a file: where nobody would see it, no SCIM token is made.
    onboard = [binary, "onboard", "--owner", measure.OWNER, "--metadata", "metadata.xml", "--yes"]
    times = {"onboard": [], "start": [], "true": [], "commit": []}
    for round_ in range(ROUNDS + 5):
        for file in folder.glob("ssoctl.db*"):
            file.unlink()
        for file in pristine.iterdir():
            shutil.copy(file, folder)
        os.sync()
        spent = {
            "start": measure.spawn([binary, "--version"], env=environment)[0],
            "true": measure.spawn(["/bin/true"], env=environment)[0],
            "commit": commits.one(),
            "onboard": measure.spawn(onboard, env=environment, cwd=folder, stdout=folder / "report")[0],
        }
        if round_ >= 5:
            for what, seconds in spent.items():
                times[what].append(seconds)
p50 = {what: measure.p50(spent) for what, spent in times.items()}
print(f"p50 of {ROUNDS}: onboard --metadata {measure.ms(p50['onboard'])}, ssoctl --version {measure.ms(p50['start'])}, "
      f"/bin/true {measure.ms(p50['true'])}, one durable commit {measure.ms(p50['commit'])}")
print(f"ratio onboard / (process start + commit): {p50['onboard'] / (p50['start'] + p50['commit']):.2f} (goal 3); "
      f"with /bin/true as the process: {p50['onboard'] / (p50['true'] + p50['commit']):.2f}")
