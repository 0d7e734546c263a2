//! Replies, the mail server and the mailbox, as far as the configuration alone tells: nobody is connected to.

use super::super::failure::Failure;
use super::super::post::Post;
use super::Look;
use crate::config::Config;
use crate::mail::{self, ImapAccount, SmtpServer};
use crate::ticket::Pattern;

/// What of `[reply]`, `[smtp]`, `[inbox]` and `[ticket]` can never work; each would be found out only when it is needed.
pub(super) fn faults(config: &Config) -> Vec<Look> {
    let mut looks = Vec::new();
    if let Err(failure) = Post::worded(config, None) {
        looks.push(Look::failed("replies", &failure));
    }
    let reply = &config.reply;
    let addresses = [("from", reply.from.iter()), ("reply_to", reply.reply_to.iter())];
    let addresses = addresses.into_iter().flat_map(|(key, texts)| texts.map(move |text| (key, text)));
    for (key, text) in addresses.chain(reply.bcc.iter().map(|text| ("bcc", text))) {
        if mail::address(text).is_none() {
            let failure = Failure::fault(format!("`{text}` is not an e-mail address"))
                .hint(format!("write `{key}` under [reply] as \"Example Support <support@example.com>\""));
            looks.push(Look::failed("replies", &failure));
        }
    }
    let server = config.smtp.server.as_ref().map(|server| SmtpServer::new(server, config.smtp.security));
    if let Some(Err(error)) = server {
        let failure = Failure::fault(error.to_string()).hint("mend `server` under [smtp]: HOST, or HOST:PORT");
        looks.push(Look::failed("mail server", &failure));
    }
    if let Some(mailbox) = &config.inbox.mailbox {
        looks.extend(of_mailbox(config, mailbox));
    }
    if let Err(reason) = Pattern::parse(&config.ticket.pattern) {
        let failure = Failure::fault(format!("the pattern of ticket numbers cannot be used: {reason}"))
            .hint("mend `pattern` under [ticket]");
        looks.push(Look::failed("ticket", &failure));
    }
    looks
}

fn of_mailbox(config: &Config, mailbox: &str) -> Option<Look> {
    let next = "mend `mailbox` under [inbox]: a Maildir, or imaps://HOST/FOLDER";
    if mailbox.contains("://") {
        // The address itself may hold a password, and is not repeated.
        let reason = ImapAccount::parse(mailbox).err()?;
        return Some(Look::failed("mailbox", &Failure::fault(reason).hint(next)));
    }
    let folder = config.resolve(std::path::Path::new(mailbox));
    let fault = Failure::fault(format!("`{}` is not a Maildir", folder.display())).hint(next);
    (!mail::is_maildir(&folder)).then(|| Look::failed("mailbox", &fault))
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
            ("[ticket]\npattern = \"abc\"", "ticket: the pattern of ticket numbers cannot be used"),
        ] {
            let looks = said(text);
            assert!(looks.len() == 1 && looks[0].contains(words), "{text}: {looks:?}");
        }
        let sound = "[reply]\nfrom = \"Support <s@b.example>\"\n[smtp]\nserver = \"mail.b.example\"\n\
                     [inbox]\nmailbox = \"imaps://mail.b.example/INBOX\"";
        assert_eq!(said(sound), Vec::<String>::new());
    }
}
