# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_ssoctl_global_optspecs
    string join \n config= database= o/output= no-input q/quiet v/verbose color= allow-origin= ca-cert= dns-server= actor= h/help V/version
end

function __fish_ssoctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_ssoctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_ssoctl_using_subcommand
    set -l cmd (__fish_ssoctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c ssoctl -n "__fish_ssoctl_needs_command" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_needs_command" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_needs_command" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_needs_command" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_needs_command" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_needs_command" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_needs_command" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_needs_command" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_needs_command" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_needs_command" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_needs_command" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_needs_command" -s V -l version -d 'Print version'
complete -c ssoctl -n "__fish_ssoctl_needs_command" -f -a "demo" -d 'Watch the whole job on a practice identity provider and a throwaway database'
complete -c ssoctl -n "__fish_ssoctl_needs_command" -f -a "init" -d 'Create configuration, sealing key and embedded database; safe to run again'
complete -c ssoctl -n "__fish_ssoctl_needs_command" -f -a "prepare" -d 'Reserve a team\'s connection and print what the customer enters at their identity provider'
complete -c ssoctl -n "__fish_ssoctl_needs_command" -f -a "check" -d 'Check a customer\'s request without writing anything'
complete -c ssoctl -n "__fish_ssoctl_needs_command" -f -a "onboard" -d 'Check a customer\'s request, then switch single sign-on on for their team'
complete -c ssoctl -n "__fish_ssoctl_needs_command" -f -a "bulk" -d 'Onboard every request of a CSV or JSON Lines file'
complete -c ssoctl -n "__fish_ssoctl_needs_command" -f -a "ticket" -d 'Read a customer\'s mail, show what it asks for, then go on as `onboard`'
complete -c ssoctl -n "__fish_ssoctl_needs_command" -f -a "inbox" -d 'List the unanswered mails of the support mailbox, with a verdict each'
complete -c ssoctl -n "__fish_ssoctl_needs_command" -f -a "reply" -d 'Print a reply again from the audit log, keep it as a draft, or send it'
complete -c ssoctl -n "__fish_ssoctl_needs_command" -f -a "connection" -d 'Look at stored connections, switch them off and on, remove them'
complete -c ssoctl -n "__fish_ssoctl_needs_command" -f -a "scim" -d 'Make, replace and revoke the bearer tokens of customers\' provisioning apps'
complete -c ssoctl -n "__fish_ssoctl_needs_command" -f -a "audit" -d 'Read the tamper-evident record of everything that was changed or refused'
complete -c ssoctl -n "__fish_ssoctl_needs_command" -f -a "explain" -d 'Say what a check looks at, why, what to do, and what to tell the customer; or what a reason code means'
complete -c ssoctl -n "__fish_ssoctl_needs_command" -f -a "doctor" -d 'Say whether this installation is sound: configuration, key, database, clock, outgoing network'
complete -c ssoctl -n "__fish_ssoctl_needs_command" -f -a "db" -d 'Show or migrate the database schema, or print what your own database has to offer'
complete -c ssoctl -n "__fish_ssoctl_needs_command" -f -a "schema" -d 'Print the JSON Schema of everything that `-o json` prints'
complete -c ssoctl -n "__fish_ssoctl_needs_command" -f -a "completions" -d 'Print the completion script for a shell'
complete -c ssoctl -n "__fish_ssoctl_needs_command" -f -a "man" -d 'Print the manual page, or write one page for every command'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand demo" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand demo" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand demo" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand demo" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand demo" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand demo" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand demo" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand demo" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand demo" -l provider -d 'Keep a practice identity provider running until Ctrl-C, to try the other commands on'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand demo" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand demo" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand demo" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand init" -l public-url -d 'Where customers reach your product' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand init" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand init" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand init" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand init" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand init" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand init" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand init" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand init" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand init" -l sample-data -d 'Fill the database with a sample product to try things on'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand init" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand init" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand init" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand prepare" -l owner -d 'The team owner\'s account e-mail' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand prepare" -l requested-by -d 'Who sent the request, if it was not the owner' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand prepare" -l protocol -d 'How the team will sign in' -r -f -a "oidc\t'OpenID Connect, authorization code flow'
saml\t'SAML 2.0, Web Browser SSO profile'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand prepare" -l idp -d 'The customer\'s identity provider, for instructions in the words of its own pages' -r -f -a "okta\t'Okta'
entra\t'Microsoft Entra ID'
google\t'Google Workspace'
onelogin\t'OneLogin'
adfs\t'AD FS'
ping\t'PingOne, PingFederate'
jumpcloud\t'JumpCloud'
auth0\t'Auth0'
keycloak\t'Keycloak'
generic\t'Any other'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand prepare" -l sp-metadata -d 'With --protocol saml: write the service provider\'s metadata to a new file; - prints it and nothing else' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand prepare" -l ticket -d 'Support ticket, for the audit log' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand prepare" -l lang -d 'Language of the reply: the name of a folder in `[reply] folder` [default: `[reply] language`, en]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand prepare" -l draft -d 'Save the reply as a mail in a new file, to review and send by hand' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand prepare" -l maildir -d 'Put the reply into the Drafts folder of this Maildir' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand prepare" -l to -d 'Who gets the reply [default: whoever asked, if they may ask; else the owner]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand prepare" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand prepare" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand prepare" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand prepare" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand prepare" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand prepare" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand prepare" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand prepare" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand prepare" -l send -d 'Send the reply through the `[smtp]` server, after everything is written'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand prepare" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand prepare" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand prepare" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand prepare" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l owner -d 'The team owner\'s account e-mail' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l requested-by -d 'Who sent the request, if it was not the owner' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l issuer -d 'Issuer URL, just as the customer sent it' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l client-id -d 'Client id, just as the customer sent it' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l client-secret-file -d 'Read the client secret from a file; never give it as an argument' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l client-secret-fd -d 'Read the client secret from an open file descriptor' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l metadata -d 'SAML metadata of the identity provider: a file, its URL, or - for standard input' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l entity-id -d 'Entity ID of the identity provider that is meant, if the metadata describes several' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l domain -d 'Domain to claim (can be repeated) [default: the owner\'s]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l vouch-domain -d 'Domain to claim on your own word, without a DNS proof; recorded in the audit log (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l ticket -d 'Support ticket, for the audit log and the report' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l lang -d 'Language of the reply: the name of a folder in `[reply] folder` [default: `[reply] language`, en]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l draft -d 'Save the reply as a mail in a new file, to review and send by hand' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l maildir -d 'Put the reply into the Drafts folder of this Maildir' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l to -d 'Who gets the reply [default: whoever asked, if they may ask; else the owner]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l client-secret-stdin -d 'Read the client secret from standard input'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l send -d 'Send the reply through the `[smtp]` server, after everything is written'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l owner -d 'The team owner\'s account e-mail' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l requested-by -d 'Who sent the request, if it was not the owner' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l issuer -d 'Issuer URL, just as the customer sent it' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l client-id -d 'Client id, just as the customer sent it' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l client-secret-file -d 'Read the client secret from a file; never give it as an argument' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l client-secret-fd -d 'Read the client secret from an open file descriptor' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l metadata -d 'SAML metadata of the identity provider: a file, its URL, or - for standard input' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l entity-id -d 'Entity ID of the identity provider that is meant, if the metadata describes several' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l domain -d 'Domain to claim (can be repeated) [default: the owner\'s]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l vouch-domain -d 'Domain to claim on your own word, without a DNS proof; recorded in the audit log (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l ticket -d 'Support ticket, for the audit log and the report' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l lang -d 'Language of the reply: the name of a folder in `[reply] folder` [default: `[reply] language`, en]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l draft -d 'Save the reply as a mail in a new file, to review and send by hand' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l maildir -d 'Put the reply into the Drafts folder of this Maildir' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l to -d 'Who gets the reply [default: whoever asked, if they may ask; else the owner]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l client-secret-stdin -d 'Read the client secret from standard input'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l send -d 'Send the reply through the `[smtp]` server, after everything is written'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l dry-run -d 'Check everything and say what would be written, but write nothing'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l stage -d 'Write everything, but do not switch it on'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l replace -d 'Replace the connection the team already has'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l no-scim -d 'Do not make a SCIM token with a SAML connection'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -s y -l yes -d 'Do not ask before writing; accept and record warnings'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand onboard" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -l template -d 'Print a file to start from: csv or jsonl' -r -f -a "csv\t'A table'
jsonl\t'One JSON object a line'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -l folder -d 'Folder that paths in rows are relative to and must stay in [default: the file\'s own]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -l concurrency -d 'How many rows may be on the network at a time' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -l per-host -d 'How many rows may ask one identity provider at a time' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -l report -d 'Write the reply to every row to a file, for mail merge: CSV, or JSON Lines if its name ends in .jsonl' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -l lang -d 'Language of the replies: the name of a folder in `[reply] folder` [default: `[reply] language`, en]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -l dry-run -d 'Check everything and say what would be written, but write nothing'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -l skip-idp -d 'Ask no identity provider; check only the values and the product database (dry runs only)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -l stage -d 'Write everything, but do not switch it on'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -l replace -d 'Replace the connections that teams already have'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -s y -l yes -d 'Do not ask before writing; accept and record warnings'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -l ordered -d 'Print results in the order of the file'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand bulk" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l extract -d 'Stop after reading, and write the requests, secrets included, to a new file of mode 0600' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l owner -d 'The team owner\'s account e-mail' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l requested-by -d 'Who sent the request, if it was not the owner' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l issuer -d 'Issuer URL, just as the customer sent it' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l client-id -d 'Client id, just as the customer sent it' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l client-secret-file -d 'Read the client secret from a file; never give it as an argument' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l client-secret-fd -d 'Read the client secret from an open file descriptor' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l metadata -d 'SAML metadata of the identity provider: a file, its URL, or - for standard input' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l entity-id -d 'Entity ID of the identity provider that is meant, if the metadata describes several' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l domain -d 'Domain to claim (can be repeated) [default: the owner\'s]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l vouch-domain -d 'Domain to claim on your own word, without a DNS proof; recorded in the audit log (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l ticket -d 'Support ticket, for the audit log and the report' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l lang -d 'Language of the reply: the name of a folder in `[reply] folder` [default: `[reply] language`, en]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l draft -d 'Save the reply as a mail in a new file, to review and send by hand' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l maildir -d 'Put the reply into the Drafts folder of this Maildir' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l to -d 'Who gets the reply [default: whoever asked, if they may ask; else the owner]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l check -d 'Stop after the verdict; nothing is written'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l dry-run -d 'Check everything and say what would be written, but write nothing'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l stage -d 'Write everything, but do not switch it on'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l replace -d 'Replace the connection the team already has'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l no-scim -d 'Do not make a SCIM token with a SAML connection'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -s y -l yes -d 'Do not ask anything; accept and record warnings'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l sender-verified -d 'The owner has confirmed the request to you in another way than by this mail; recorded in the audit log'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l client-secret-stdin -d 'Read the client secret from standard input'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l send -d 'Send the reply through the `[smtp]` server, after everything is written'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand ticket" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and not __fish_seen_subcommand_from work" -l mailbox -d 'The mailbox: a Maildir, or `imaps://HOST[:PORT]/FOLDER` [default: `[inbox] mailbox`]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and not __fish_seen_subcommand_from work" -l limit -d 'At most this many mails, newest first' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and not __fish_seen_subcommand_from work" -l search -d 'Only mails with this text in sender or subject, in any case' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and not __fish_seen_subcommand_from work" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and not __fish_seen_subcommand_from work" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and not __fish_seen_subcommand_from work" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and not __fish_seen_subcommand_from work" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and not __fish_seen_subcommand_from work" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and not __fish_seen_subcommand_from work" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and not __fish_seen_subcommand_from work" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and not __fish_seen_subcommand_from work" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and not __fish_seen_subcommand_from work" -l all -d 'Also list mails that were dealt with or ask for nothing'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and not __fish_seen_subcommand_from work" -l fresh -d 'Check again even where the verdict is less than an hour old'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and not __fish_seen_subcommand_from work" -l check-all -d 'Check every listed mail, one after the other'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and not __fish_seen_subcommand_from work" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and not __fish_seen_subcommand_from work" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and not __fish_seen_subcommand_from work" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and not __fish_seen_subcommand_from work" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and not __fish_seen_subcommand_from work" -f -a "work" -d 'Work through the mails one by one: show, check, onboard, reply, next'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and __fish_seen_subcommand_from work" -l mailbox -d 'The mailbox: a Maildir, or `imaps://HOST[:PORT]/FOLDER` [default: `[inbox] mailbox`]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and __fish_seen_subcommand_from work" -l limit -d 'At most this many mails, newest first' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and __fish_seen_subcommand_from work" -l search -d 'Only mails with this text in sender or subject, in any case' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and __fish_seen_subcommand_from work" -l lang -d 'Language of the reply: the name of a folder in `[reply] folder` [default: `[reply] language`, en]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and __fish_seen_subcommand_from work" -l draft -d 'Save the reply as a mail in a new file, to review and send by hand' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and __fish_seen_subcommand_from work" -l maildir -d 'Put the reply into the Drafts folder of this Maildir' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and __fish_seen_subcommand_from work" -l to -d 'Who gets the reply [default: whoever asked, if they may ask; else the owner]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and __fish_seen_subcommand_from work" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and __fish_seen_subcommand_from work" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and __fish_seen_subcommand_from work" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and __fish_seen_subcommand_from work" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and __fish_seen_subcommand_from work" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and __fish_seen_subcommand_from work" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and __fish_seen_subcommand_from work" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and __fish_seen_subcommand_from work" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and __fish_seen_subcommand_from work" -l all -d 'Also list mails that were dealt with or ask for nothing'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and __fish_seen_subcommand_from work" -l fresh -d 'Check again even where the verdict is less than an hour old'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and __fish_seen_subcommand_from work" -l send -d 'Send the reply through the `[smtp]` server, after everything is written'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and __fish_seen_subcommand_from work" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and __fish_seen_subcommand_from work" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and __fish_seen_subcommand_from work" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand inbox; and __fish_seen_subcommand_from work" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand reply" -l ticket -d 'The latest reply about this ticket' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand reply" -l row -d 'The reply in this row of the audit log' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand reply" -l draft -d 'Save the reply as a mail in a new file, to review and send by hand' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand reply" -l maildir -d 'Put the reply into the Drafts folder of this Maildir' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand reply" -l to -d 'Who gets the reply [default: whoever asked, if they may ask; else the owner]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand reply" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand reply" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand reply" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand reply" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand reply" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand reply" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand reply" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand reply" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand reply" -l last -d 'Your latest reply'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand reply" -l send -d 'Send the reply through the `[smtp]` server, after everything is written'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand reply" -l again -d 'Send it although it was sent before'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand reply" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand reply" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand reply" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand reply" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and not __fish_seen_subcommand_from list show suspend activate remove" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and not __fish_seen_subcommand_from list show suspend activate remove" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and not __fish_seen_subcommand_from list show suspend activate remove" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and not __fish_seen_subcommand_from list show suspend activate remove" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and not __fish_seen_subcommand_from list show suspend activate remove" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and not __fish_seen_subcommand_from list show suspend activate remove" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and not __fish_seen_subcommand_from list show suspend activate remove" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and not __fish_seen_subcommand_from list show suspend activate remove" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and not __fish_seen_subcommand_from list show suspend activate remove" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and not __fish_seen_subcommand_from list show suspend activate remove" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and not __fish_seen_subcommand_from list show suspend activate remove" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and not __fish_seen_subcommand_from list show suspend activate remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and not __fish_seen_subcommand_from list show suspend activate remove" -f -a "list" -d 'List connections'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and not __fish_seen_subcommand_from list show suspend activate remove" -f -a "show" -d 'Show one connection; never its secret'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and not __fish_seen_subcommand_from list show suspend activate remove" -f -a "suspend" -d 'Switch a connection off: the team signs in as before single sign-on'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and not __fish_seen_subcommand_from list show suspend activate remove" -f -a "activate" -d 'Check a staged or suspended connection again, then switch it on'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and not __fish_seen_subcommand_from list show suspend activate remove" -f -a "remove" -d 'Delete a connection and release its domains'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from list" -l status -d 'Only those in this status' -r -f -a "prepared\t''
staged\t''
active\t''
suspended\t''"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from list" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from list" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from list" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from list" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from list" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from list" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from list" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from list" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from list" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from show" -l team -d 'The id of the connection\'s team' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from show" -l owner -d 'The account e-mail of the team\'s owner' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from show" -l domain -d 'A domain whose people sign in through the connection' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from show" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from show" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from show" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from show" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from show" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from show" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from show" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from show" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from show" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from suspend" -l team -d 'The id of the connection\'s team' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from suspend" -l owner -d 'The account e-mail of the team\'s owner' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from suspend" -l domain -d 'A domain whose people sign in through the connection' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from suspend" -l ticket -d 'Support ticket, for the audit log' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from suspend" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from suspend" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from suspend" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from suspend" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from suspend" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from suspend" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from suspend" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from suspend" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from suspend" -s y -l yes -d 'Do not ask for confirmation'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from suspend" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from suspend" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from suspend" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from suspend" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from activate" -l team -d 'The id of the connection\'s team' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from activate" -l owner -d 'The account e-mail of the team\'s owner' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from activate" -l domain -d 'A domain whose people sign in through the connection' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from activate" -l ticket -d 'Support ticket, for the audit log' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from activate" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from activate" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from activate" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from activate" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from activate" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from activate" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from activate" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from activate" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from activate" -s y -l yes -d 'Do not ask for confirmation'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from activate" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from activate" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from activate" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from activate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from remove" -l team -d 'The id of the connection\'s team' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from remove" -l owner -d 'The account e-mail of the team\'s owner' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from remove" -l domain -d 'A domain whose people sign in through the connection' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from remove" -l ticket -d 'Support ticket, for the audit log' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from remove" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from remove" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from remove" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from remove" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from remove" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from remove" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from remove" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from remove" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Do not ask for confirmation'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from remove" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand connection; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and not __fish_seen_subcommand_from issue rotate promote revoke list" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and not __fish_seen_subcommand_from issue rotate promote revoke list" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and not __fish_seen_subcommand_from issue rotate promote revoke list" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and not __fish_seen_subcommand_from issue rotate promote revoke list" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and not __fish_seen_subcommand_from issue rotate promote revoke list" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and not __fish_seen_subcommand_from issue rotate promote revoke list" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and not __fish_seen_subcommand_from issue rotate promote revoke list" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and not __fish_seen_subcommand_from issue rotate promote revoke list" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and not __fish_seen_subcommand_from issue rotate promote revoke list" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and not __fish_seen_subcommand_from issue rotate promote revoke list" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and not __fish_seen_subcommand_from issue rotate promote revoke list" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and not __fish_seen_subcommand_from issue rotate promote revoke list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and not __fish_seen_subcommand_from issue rotate promote revoke list" -f -a "issue" -d 'Make a connection\'s first token and show it, this once'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and not __fish_seen_subcommand_from issue rotate promote revoke list" -f -a "rotate" -d 'Make a new token and show it, this once; the old one works until its deadline or until `promote`'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and not __fish_seen_subcommand_from issue rotate promote revoke list" -f -a "promote" -d 'End the older token now: the customer uses the new one'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and not __fish_seen_subcommand_from issue rotate promote revoke list" -f -a "revoke" -d 'Switch off one token or all of them, at once'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and not __fish_seen_subcommand_from issue rotate promote revoke list" -f -a "list" -d 'List tokens by id, with when they end; never the tokens'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from issue" -l team -d 'The id of the connection\'s team' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from issue" -l owner -d 'The account e-mail of the team\'s owner' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from issue" -l domain -d 'A domain whose people sign in through the connection' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from issue" -l ticket -d 'Support ticket, for the audit log' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from issue" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from issue" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from issue" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from issue" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from issue" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from issue" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from issue" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from issue" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from issue" -s y -l yes -d 'Do not ask for confirmation'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from issue" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from issue" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from issue" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from issue" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from rotate" -l team -d 'The id of the connection\'s team' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from rotate" -l owner -d 'The account e-mail of the team\'s owner' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from rotate" -l domain -d 'A domain whose people sign in through the connection' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from rotate" -l ticket -d 'Support ticket, for the audit log' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from rotate" -l overlap -d 'How long the old token still works, such as 7d or 36h; 0s for not at all [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from rotate" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from rotate" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from rotate" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from rotate" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from rotate" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from rotate" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from rotate" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from rotate" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from rotate" -s y -l yes -d 'Do not ask for confirmation'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from rotate" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from rotate" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from rotate" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from rotate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from promote" -l team -d 'The id of the connection\'s team' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from promote" -l owner -d 'The account e-mail of the team\'s owner' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from promote" -l domain -d 'A domain whose people sign in through the connection' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from promote" -l ticket -d 'Support ticket, for the audit log' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from promote" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from promote" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from promote" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from promote" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from promote" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from promote" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from promote" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from promote" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from promote" -s y -l yes -d 'Do not ask for confirmation'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from promote" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from promote" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from promote" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from promote" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from revoke" -l team -d 'The id of the connection\'s team' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from revoke" -l owner -d 'The account e-mail of the team\'s owner' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from revoke" -l domain -d 'A domain whose people sign in through the connection' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from revoke" -l ticket -d 'Support ticket, for the audit log' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from revoke" -l token-id -d 'The token with this id, as `ssoctl scim list` shows it; not the token itself' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from revoke" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from revoke" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from revoke" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from revoke" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from revoke" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from revoke" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from revoke" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from revoke" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from revoke" -s y -l yes -d 'Do not ask for confirmation'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from revoke" -l all -d 'Every token that works'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from revoke" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from revoke" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from revoke" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from list" -l team -d 'The id of the connection\'s team' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from list" -l owner -d 'The account e-mail of the team\'s owner' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from list" -l domain -d 'A domain whose people sign in through the connection' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from list" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from list" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from list" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from list" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from list" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from list" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from list" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from list" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from list" -l token-stdin -d 'Say whose a token is that was found somewhere, read from standard input'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from list" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand scim; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -f -a "list" -d 'List what happened, oldest first'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -f -a "verify" -d 'Verify that no row was altered, removed or added by hand'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from list" -l team -d 'Only this team\'s' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from list" -l ticket -d 'Only this ticket\'s' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from list" -l limit -d 'At most this many, the latest' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from list" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from list" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from list" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from list" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from list" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from list" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from list" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from list" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from list" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l anchor -d 'A head that was printed earlier, as SEQ:HASH (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand explain" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand explain" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand explain" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand explain" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand explain" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand explain" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand explain" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand explain" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand explain" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand explain" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand explain" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand doctor" -l reach -d 'The URL to fetch as a test of the outgoing network' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand doctor" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand doctor" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand doctor" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand doctor" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand doctor" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand doctor" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand doctor" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand doctor" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand doctor" -l offline -d 'Skip the outgoing network'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand doctor" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand doctor" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand doctor" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and not __fish_seen_subcommand_from status migrate contract" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and not __fish_seen_subcommand_from status migrate contract" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and not __fish_seen_subcommand_from status migrate contract" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and not __fish_seen_subcommand_from status migrate contract" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and not __fish_seen_subcommand_from status migrate contract" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and not __fish_seen_subcommand_from status migrate contract" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and not __fish_seen_subcommand_from status migrate contract" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and not __fish_seen_subcommand_from status migrate contract" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and not __fish_seen_subcommand_from status migrate contract" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and not __fish_seen_subcommand_from status migrate contract" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and not __fish_seen_subcommand_from status migrate contract" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and not __fish_seen_subcommand_from status migrate contract" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and not __fish_seen_subcommand_from status migrate contract" -f -a "status" -d 'Show which version the schema has, and which is needed'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and not __fish_seen_subcommand_from status migrate contract" -f -a "migrate" -d 'Bring the schema to this program\'s version; forward only, safe to run again'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and not __fish_seen_subcommand_from status migrate contract" -f -a "contract" -d 'Print the views, indexes and roles that your product\'s own database has to offer, as SQL to edit'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from status" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from status" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from status" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from status" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from status" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from status" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from status" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from status" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from status" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from contract" -l dialect -d 'Database to print it for: postgres or sqlite [default: the configured one]' -r -f -a "postgres\t'PostgreSQL'
sqlite\t'SQLite'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from contract" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from contract" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from contract" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from contract" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from contract" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from contract" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from contract" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from contract" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from contract" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from contract" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from contract" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand db; and __fish_seen_subcommand_from contract" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand schema" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand schema" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand schema" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand schema" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand schema" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand schema" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand schema" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand schema" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand schema" -l request -d 'Print the schema of a request instead: one line of a JSON Lines file for `ssoctl bulk`'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand schema" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand schema" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand schema" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand completions" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand completions" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand completions" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand completions" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand completions" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand completions" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand completions" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand completions" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand completions" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand completions" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand completions" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand man" -l out -d 'Folder to write a page for every command to' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand man" -l config -d 'Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand man" -l database -d 'Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand man" -s o -l output -d 'Output format: human, or json for one JSON document (see `ssoctl schema`)' -r -f -a "human\t'For people'
json\t'One JSON document'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand man" -l color -d 'Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`'
always\t'Always'
never\t'Never'"
complete -c ssoctl -n "__fish_ssoctl_using_subcommand man" -l allow-origin -d 'Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand man" -l ca-cert -d 'PEM file with an additional root certificate (can be repeated)' -r -F
complete -c ssoctl -n "__fish_ssoctl_using_subcommand man" -l dns-server -d 'Name server for domain proofs, as ADDRESS:PORT (can be repeated)' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand man" -l actor -d 'Who is doing this, for the audit log [default: the operating system\'s user]' -r
complete -c ssoctl -n "__fish_ssoctl_using_subcommand man" -l no-input -d 'Never prompt; name the missing flags instead'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand man" -s q -l quiet -d 'Print only the result, warnings and errors'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand man" -s v -l verbose -d 'Log to standard error what is going on (can be repeated)'
complete -c ssoctl -n "__fish_ssoctl_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
