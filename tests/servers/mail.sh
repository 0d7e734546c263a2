# The mail servers that tests talk to: Dovecot for IMAP, aiosmtpd (run by smtp_sink.py) for SMTP. Sourced by tests/run.
#
# Installs them where it may (as root, on Debian and kin) and says what to install otherwise. Tests that need one that is not
# there judge nothing; with SSOCTL_TEST_MAIL=required they fail instead.

mail_servers_missing() {
    missing_mail=''
    [ -x /usr/sbin/dovecot ] && [ -x /usr/lib/dovecot/imap ] || missing_mail="$missing_mail dovecot-imapd"
    /usr/bin/python3 -c 'import aiosmtpd' >/dev/null 2>&1 || missing_mail="$missing_mail python3-aiosmtpd"
    [ -n "$missing_mail" ]
}

mail_servers() {
    if mail_servers_missing && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "tests/run: installing$missing_mail"
        # No daemon is started: each test runs its own.
        # shellcheck disable=SC2086 # a list of packages
        RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing_mail >&2 ||
            { DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2 &&
                RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing_mail >&2; } ||
            say 'tests/run: they could not be installed'
    fi
    if mail_servers_missing; then
        say "tests/run: without$missing_mail (please install) the tests that talk to mail servers judge NOTHING, all others run"
    else
        SSOCTL_TEST_MAIL=required
        export SSOCTL_TEST_MAIL
    fi
}
