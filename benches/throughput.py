#!/usr/bin/env python3
"""Onboarding on PostgreSQL, beside what the same server does at its simplest: `ssoctl bulk --concurrency 32` and `pgbench` with
32 sessions that each insert one row and commit take turns, and the ratio is that of their medians in this run.

    benches/throughput.py [rounds=3] [rows=4000] [seconds=3] [URL]

The product is that of the members' bench, 1,000,000 users, with teams beside it for whom single sign-on can be switched on. Every
row is a whole onboarding with every check, read again and decided again in the transaction that writes it; its connection, domain
and audit row are committed together with other rows'. Two kinds:

oidc   asked at a provider on loopback, four questions a row over TLS: a process of its own that shares the processors
saml   the metadata stands in the row, so that nobody is asked: reading, checking and writing alone

URL (default: SSOCTL_BENCH_POSTGRES, else the server of this machine) names any database of a role that may create others; a
database `ssoctl_bench_throughput` is made and dropped. `psql` and `pgbench` have to be there."""

import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import measure

DATABASE = "ssoctl_bench_throughput"
SESSIONS = 32
METADATA = """<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.onboard-{number}.example/saml">
<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing">
<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate>
</ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.onboard-{number}.example/sso"/>
</md:IDPSSODescriptor></md:EntityDescriptor>"""


def options():
    rounds, rows, seconds = 3, 4000, 3
    url = os.environ.get("SSOCTL_BENCH_POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres")
    for word in sys.argv[1:]:
        name, _, value = word.partition("=")
        if name == "rounds":
            rounds = int(value)
        elif name == "rows":
            rows = int(value)
        elif name == "seconds":
            seconds = int(value)
        elif word.startswith("postgres"):
            url = word
        else:
            sys.exit(__doc__)
    return rounds, rows, seconds, url


def pgbench():
    """The distribution keeps it with the server's programs, off the path."""
    found = [shutil.which("pgbench"), *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin/pgbench")), reverse=True)]
    return next((one for one in found if one), None) or sys.exit("pgbench is missing: apt-get install postgresql-contrib")


def psql(url, *statements):
    words = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", url]
    for statement in statements:
        words += ["-c", statement]
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def single_row_commits(url, folder, seconds):
    """Commits a second."""
    script = folder / "insert.sql"
    script.write_text("INSERT INTO bench_single (note) VALUES ('a row');\n")
    words = [pgbench(), "-n", "-M", "prepared", "-f", str(script), "-c", str(SESSIONS), "-j", str(os.cpu_count()),
             "-T", str(seconds), url]
    output = subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return float(re.search(r"tps = ([0-9.]+)", output)[1])


def certificate(folder):
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", os.devnull, "-subj", "/CN=bench", "-days", "3650"]
    pem = subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return "".join(line for line in pem.splitlines() if "-----" not in line)


class Rows:
    """Lists of rows, each of a team that no other row names."""

    def __init__(self, folder, provider):
        self.folder, self.provider, self.next = folder, provider, 0
        self.certificate = certificate(folder)

    def write(self, kind, count):
        path = self.folder / f"{kind}-{self.next}.csv"
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["owner", "issuer", "client_id", "client_secret", "metadata", "ticket"])
            for number in range(self.next, self.next + count):
                owner, ticket = f"owner@onboard-{number}.example", f"T-{number}"
                if kind == "oidc":
                    issuer = f"{self.provider['origin']}/oauth2/t{number}"
                    row = [owner, issuer, self.provider["client_id"], self.provider["client_secret"], "", ticket]
                else:
                    metadata = METADATA.format(number=number, certificate=self.certificate)
                    row = [owner, "", "", "", metadata, ticket]
                writer.writerow(row)
        os.chmod(path, 0o600)
        self.next += count
        return path


def main():
    rounds, rows, seconds, server = options()
    binary, maker = measure.ssoctl(), measure.bench_binary("product")
    parts = urlsplit(server)
    # Neither side pays for encryption.
    url = urlunsplit(parts._replace(path=f"/{DATABASE}", query="sslmode=disable"))
    psql(server, f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)", f"CREATE DATABASE {DATABASE}")
    try:
        with tempfile.TemporaryDirectory() as folder, measure.Provider(folder) as provider:
            run(binary, maker, url, Path(folder), provider, rounds, rows, seconds)
    finally:
        psql(server, f"DROP DATABASE {DATABASE} WITH (FORCE)")


def run(binary, maker, url, folder, provider, rounds, rows, seconds):
    started = time.perf_counter()
    subprocess.run([maker, url, "--onboardable", str((rounds + 1) * rows * 2)], check=True)
    psql(url, "CREATE TABLE bench_single (id bigserial PRIMARY KEY, note text)")
    print(f"product made in {time.perf_counter() - started:.1f} s")
    (folder / "ssoctl.toml").write_text(
        f'public_url = "https://app.example.com"\n[database]\nurl = "{url}"\n[key]\nfile = "ssoctl.key"\n'
        f'[network]\nallow_origins = ["{provider["origin"]}"]\nca_certs = ["{provider["ca_file"]}"]\n')
    environment = measure.environment(folder)
    subprocess.run([binary, "--config", "ssoctl.toml", "init"], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    lists = Rows(folder, provider)
    speeds = {"pgbench": [], "oidc": [], "saml": []}
    for round_ in range(-1, rounds):
        commits = single_row_commits(url, folder, seconds)
        if round_ >= 0:
            speeds["pgbench"].append(commits)
        for kind in ("oidc", "saml"):
            path = lists.write(kind, rows)
            words = [binary, "--config", "ssoctl.toml", "bulk", str(path), "--yes", "-q", "--concurrency", str(SESSIONS)]
            spent, _ = measure.spawn(words, env=environment, cwd=folder)
            if round_ >= 0:
                speeds[kind].append(rows / spent)
    written = int(psql(url, "SELECT count(*) FROM sso_connections WHERE status = 'active'"))
    if written != lists.next:
        sys.exit(f"{written} connections and not {lists.next}")
    subprocess.run([binary, "--config", "ssoctl.toml", "audit", "verify"], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    p50 = {kind: measure.p50(values) for kind, values in speeds.items()}
    print(f"p50 of {rounds} rounds of {rows} rows, {SESSIONS} in flight; every audit chain verifies:")
    print(f"  pgbench, one row a commit, {SESSIONS} sessions   {p50['pgbench']:8.0f}/s")
    for kind, what in (("saml", "metadata in the row"), ("oidc", "provider on loopback")):
        print(f"  onboarded, {kind}, {what:<20}   {p50[kind]:8.0f}/s, ratio {p50[kind] / p50['pgbench']:.2f} (goal 0.5)")


main()
