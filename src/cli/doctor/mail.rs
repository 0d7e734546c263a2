//! Replies, the mail server and the mailbox, as far as the configuration alone tells: nobody is connected to, and no password
//! fetched.

use super::super::failure::Failure;
use super::super::inbox::Named;
use super::super::outbox::{self, Outbox};
use super::super::ticket;
use super::Look;
use crate::config::Config;
use crate::mail::{self, MailboxError};

/// What of `[reply]`, `[smtp]`, `[inbox]` and `[ticket]` can never work; each would be found out only when it is needed.
pub(super) fn faults(config: &Config) -> Vec<Look> {
    let addresses = outbox::unusable_addresses(&config.reply).map(|(key, text)| {
        let failure = Failure::fault(format!("`{text}` is not an e-mail address"))
            .hint(format!("write `{key}` under [reply] as \"Example Support <support@example.com>\""));
        ("replies", failure)
    });
    let replies =
        Outbox::for_printing(config, None).err().map(|failure| ("replies", failure)).into_iter().chain(addresses);
    let server = outbox::named_server(config).and_then(Result::err).map(|failure| ("mail server", failure));
    let mailbox = config.inbox.mailbox.as_ref().and_then(|named| of_mailbox(config, named).err());
    let mailbox = mailbox.map(|failure| ("mailbox", failure));
    let ticket = ticket::settings(config).err().map(|failure| ("ticket", failure));
    let faults = replies.chain(server).chain(mailbox).chain(ticket);
    faults.map(|(what, failure)| Look::failed(what, &failure)).collect()
}

fn of_mailbox(config: &Config, mailbox: &str) -> Result<(), Failure> {
    match Named::read(mailbox, |path| config.resolve(path), config)? {
        Named::Maildir(folder) if !mail::is_maildir(&folder) => {
            Err(MailboxError::NoMaildir { place: folder.display().to_string() }.into())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<String> {
        let config = Config::parse(text).unwrap();
        faults(&config).into_iter().map(|look| format!("{}: {}", look.what, look.found)).collect()
    }

    #[test]
    fn what_can_never_work_is_said_before_it_is_needed() {
        assert_eq!(said(""), Vec::<String>::new());
        for (text, words) in [
            ("[reply]\nfolder = \"nowhere\"", "replies: could not read"),
            ("[reply]\nlanguage = \"xx\"", "replies: there are no replies in the language `xx`"),
            ("[reply]\nfrom = \"nobody\"", "replies: `nobody` is not an e-mail address"),
            ("[reply]\nbcc = [\"a@b.example\", \"nobody\"]", "replies: `nobody`"),
            ("[smtp]\nserver = \"mail.b.example:none\"", "mail server: "),
            ("[inbox]\nmailbox = \"imaps://\"", "mailbox: "),
            ("[inbox]\nmailbox = \"nowhere\"", "is not a Maildir"),
            ("[ticket]\npattern = \"abc\"", "ticket: [ticket] pattern in the configuration is not valid"),
            (
                "[smtp]\nserver = \"mail.b.example\"\nuser = \"support\"",
                "mail server: [smtp] names a user and no password",
            ),
            (
                "[inbox]\nmailbox = \"imaps://mail.b.example/INBOX\"",
                "mailbox: the configuration does not say who signs in",
            ),
            (
                "[inbox]\nmailbox = \"imaps://u:CANARY@mail.b.example/INBOX\"",
                "mailbox: `imaps://…@mail.b.example/INBOX`",
            ),
        ] {
            let looks = said(text);
            assert!(looks.len() == 1 && looks[0].contains(words), "{text}: {looks:?}");
            assert!(!looks[0].contains("CANARY"), "{looks:?}");
        }
        let sound = "[reply]\nfrom = \"Support <s@b.example>\"\n[smtp]\nserver = \"mail.b.example\"\n\
                     [inbox]\nmailbox = \"imaps://mail.b.example/INBOX\"\nuser = \"support\"\npassword_env = \"P\"";
        assert_eq!(said(sound), Vec::<String>::new());
    }
}
