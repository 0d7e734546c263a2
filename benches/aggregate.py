#!/usr/bin/env python3
"""A federation's metadata of some 50 MB, from which one identity provider is chosen: `ssoctl check --metadata FILE
--entity-id ID` beside `xmllint --stream --noout`, which only looks whether the XML is well-formed, taking turns.
Goal: at most 5 times as long (p50); peak memory at most 32 MiB.

The document is made here, the same every time: entities as federations publish them, four service providers for every
identity provider, with extensions, certificates, organisations and contacts in five languages."""

import base64
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

import measure

MEGABYTES = int(sys.argv[1]) if len(sys.argv) > 1 else 50
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 15
MD, MDUI = "urn:oasis:names:tc:SAML:2.0:metadata", "urn:oasis:names:tc:SAML:metadata:ui"
SAML2, BINDINGS = "urn:oasis:names:tc:SAML:2.0:protocol", "urn:oasis:names:tc:SAML:2.0:bindings"
CERTIFICATE = (measure.ROOT / "fixtures/metadata/certificates/rsa2048.b64").read_text()
LANGUAGES = ["en", "de", "fr", "sv", "pl"]


def lines(text, width=64):
    return "\n".join(text[at:at + width] for at in range(0, len(text), width))


def key(dice):
    """Of the one that is chosen a real certificate; of all others as many bytes that are none: nobody looks into them."""
    noise = dice and base64.b64encode(dice.randbytes(760)).decode()
    return (f'<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>\n{lines(noise or CERTIFICATE)}\n'
            "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>\n")


def entity(number, dice):
    host = f"https://entity{number}.example"
    texts = "".join(
        f'<mdui:DisplayName xml:lang="{one}">Institution {number} &amp; Söhne</mdui:DisplayName>\n'
        f'<mdui:Description xml:lang="{one}">{"What people can do here, in some words. " * 4}</mdui:Description>\n'
        f'<mdui:InformationURL xml:lang="{one}">{host}/{one}/about?a=1&amp;b=2</mdui:InformationURL>\n' for one in LANGUAGES)
    extensions = f'<md:Extensions><mdui:UIInfo xmlns:mdui="{MDUI}">{texts}</mdui:UIInfo></md:Extensions>\n'
    services = lambda name, bindings: "".join(
        f'<md:{name} Binding="{BINDINGS}:{binding}" Location="{host}/saml/{binding}"{extra}/>\n' for binding, extra in bindings)
    if number % 5 == 0:
        role = (f'<md:IDPSSODescriptor protocolSupportEnumeration="{SAML2}">\n{extensions}{key(dice)}'
                "<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</md:NameIDFormat>\n"
                + services("SingleSignOnService", [("HTTP-Redirect", ""), ("HTTP-POST", ""), ("SOAP", "")])
                + "</md:IDPSSODescriptor>\n")
    else:
        acs = [("HTTP-POST", f' index="{index}"') for index in range(4)]
        wanted = "".join(
            f'<md:RequestedAttribute FriendlyName="a{index}" Name="urn:oid:1.3.6.1.4.1.5923.1.1.1.{index}" '
            'NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" isRequired="true"/>\n' for index in range(8))
        role = (f'<md:SPSSODescriptor protocolSupportEnumeration="{SAML2}">\n{extensions}{key(dice)}'
                + services("AssertionConsumerService", acs)
                + f'<md:AttributeConsumingService index="0"><md:ServiceName xml:lang="en">Service</md:ServiceName>\n{wanted}'
                "</md:AttributeConsumingService></md:SPSSODescriptor>\n")
    people = "".join(
        f'<md:ContactPerson contactType="{kind}"><md:GivenName>Jane</md:GivenName><md:EmailAddress>mailto:{kind}@entity{number}.example'
        "</md:EmailAddress></md:ContactPerson>\n" for kind in ("technical", "support", "administrative"))
    return f'<md:EntityDescriptor entityID="{host}/metadata">\n{role}{people}</md:EntityDescriptor>\n'


def make(path):
    """Writes the document, and says which entity is chosen: an identity provider after nine tenths of it."""
    dice, size, chosen, number = random.Random(20261122), 0, None, 0
    with open(path, "w", encoding="utf-8") as file:
        size += file.write('<?xml version="1.0" encoding="UTF-8"?>\n<md:EntitiesDescriptor '
                           f'xmlns:md="{MD}" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Name="https://federation.example">\n')
        while size < MEGABYTES * 1_000_000:
            number += 1
            wanted = chosen is None and number % 5 == 0 and size > MEGABYTES * 900_000
            if wanted:
                chosen = f"https://entity{number}.example/metadata"
            size += file.write(entity(number, None if wanted else dice))
        file.write("</md:EntitiesDescriptor>\n")
    return chosen, number


def main():
    xmllint = shutil.which("xmllint") or sys.exit("xmllint is needed for the comparison (Debian: libxml2-utils)")
    binary = measure.ssoctl()
    with tempfile.TemporaryDirectory(prefix="ssoctl-bench-aggregate-") as folder:
        file = Path(folder) / "federation.xml"
        chosen, entities = make(file)
        words = {
            "xmllint": [xmllint, "--stream", "--noout", str(file)],
            "ssoctl": [binary, "check", "--metadata", str(file), "--entity-id", chosen],
        }
        environment = measure.environment(folder)
        times, peaks = {name: [] for name in words}, {name: [] for name in words}
        for round_ in range(-2, ROUNDS):
            for name, command in words.items():
                spent, kib = measure.spawn(command, env=environment, cwd=folder)
                if round_ >= 0:
                    times[name].append(spent)
                    peaks[name].append(kib)
        p50 = {name: measure.p50(values) for name, values in times.items()}
        megabytes = os.path.getsize(file) / 1_000_000
        print(f"{megabytes:.1f} MB, {entities} entities; p50 of {ROUNDS}: xmllint {measure.ms(p50['xmllint'])}, "
              f"ssoctl {measure.ms(p50['ssoctl'])} ({megabytes / p50['ssoctl']:.0f} MB/s)")
        print(f"ratio: {p50['ssoctl'] / p50['xmllint']:.2f} (goal 5)")
        print(f"peak memory: ssoctl {max(peaks['ssoctl']) / 1024:.1f} MiB (goal 32), xmllint {max(peaks['xmllint']) / 1024:.1f} MiB")


main()
