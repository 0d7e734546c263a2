"""An SMTP server for tests: aiosmtpd, with TLS and a password, that keeps every mail it takes in a folder.

    smtp_sink.py FOLDER CERTIFICATE KEY [tls|starttls|plain] [USER PASSWORD]

Prints its port on the first line, and ends when its standard input does. A recipient at `refused.example` is refused for
good, one at `later.example` for now.
"""

import asyncio
import json
import ssl
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

FOLDER, CERTIFICATE, KEY, SECURITY, *ACCOUNT = sys.argv[1:]


class Handler:
    def __init__(self):
        self.taken = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.endswith("@refused.example"):
            return "550 5.1.1 nobody of that name here"
        if address.endswith("@later.example"):
            return "451 4.7.1 greylisted, come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.taken += 1
        name = Path(FOLDER) / f"{self.taken:03}"
        name.with_suffix(".eml").write_bytes(envelope.content)
        facts = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None or SECURITY == "tls",
            "user": session.auth_data.decode() if session.auth_data else None,
        }
        partial = name.with_suffix(".partial")
        partial.write_text(json.dumps(facts))
        partial.rename(name.with_suffix(".json"))
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and [data.login.decode(), data.password.decode()] == ACCOUNT
    return AuthResult(success=right, handled=False, auth_data=data.login if right else None)


async def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE, KEY)
    handler = Handler()
    options = {"hostname": "localhost", "auth_required": bool(ACCOUNT), "authenticator": authenticate}
    if SECURITY == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    elif SECURITY == "tls":
        options |= {"auth_require_tls": False}

    loop = asyncio.get_running_loop()
    wrapped = context if SECURITY == "tls" else None
    server = await loop.create_server(lambda: SMTP(handler, **options), host="127.0.0.1", port=0, ssl=wrapped)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
