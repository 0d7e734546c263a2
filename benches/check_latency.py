#!/usr/bin/env python3
"""A full `ssoctl check` against a provider that takes 50 ms over every answer, beside two requests that `curl` makes one
after the other on one connection: what the protocol cannot do without. Goal: at most 1.25 times as long (p50)."""

import json
import sys
import tempfile

import measure

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 40
CURL = "/usr/bin/curl"

binary = measure.ssoctl()
for http1 in (False, True):
    with tempfile.TemporaryDirectory() as folder, measure.Provider(folder, latency_ms=50, http1=http1) as provider:
        here = measure.Installation(folder, binary, provider)
        document = provider["issuer"] + "/.well-known/openid-configuration"
        two = [CURL, "--silent", "--fail", "--cacert", provider["ca_file"],
               document, "--output", "/dev/null", provider["issuer"] + "/keys", "--output", "/dev/null"]

        answer = f"{folder}/answer.json"
        here.run("check", "--owner", measure.OWNER, "-o", "json", stdout=answer)
        with open(answer) as report:
            report = json.load(report)
        asked = [check["id"] for check in report["checks"] if check["verdict"] == "pass"]
        if report["outcome"] != "valid" or not {"oidc-keys", "oidc-credentials", "oidc-redirect-uri"} <= set(asked):
            sys.exit(f"not a full check: {report}")

        times = {"curl": [], "check": [], "with owner": []}
        for round_ in range(ROUNDS + 3):
            spent = {
                "curl": measure.spawn(two, env=measure.environment(folder))[0],
                "check": here.run("check")[0],
                "with owner": here.run("check", "--owner", measure.OWNER)[0],
            }
            if round_ >= 3:
                for name in times:
                    times[name].append(spent[name])
        p50 = {name: measure.p50(values) for name, values in times.items()}
        print(f"{'HTTP/1.1' if http1 else 'HTTP/2'}: p50 of {ROUNDS}: two curl requests {measure.ms(p50['curl'])}, "
              f"check {measure.ms(p50['check'])}, check --owner {measure.ms(p50['with owner'])}")
        print(f"  ratio {p50['check'] / p50['curl']:.2f}, with owner {p50['with owner'] / p50['curl']:.2f} (goal 1.25)")
