//! What programs write around the words of a person: a chat's stamps, smileys, the initials of whoever answered, the body of
//! a form, the marks of a help desk. Nothing is guessed: what may be part of a value stays.

use std::borrow::Cow;

use super::form::parameters;
use super::machine::are_alike;
use super::{address, labels, marks};

/// A line of text without what stands around it.
pub(super) fn unwrapped(text: &str) -> Cow<'_, str> {
    match without_struck(text) {
        Some(rest) => Cow::Owned(unpacked(&rest).into_owned()),
        None => unpacked(text),
    }
}

fn unpacked(text: &str) -> Cow<'_, str> {
    let text = without_smiley(without_scope(without_stamp(text)));
    if let Some(pairs) = elements(text) {
        return Cow::Owned(pairs);
    }
    let text = without_blocks(text);
    match parameters(&text) {
        Cow::Owned(pairs) => Cow::Owned(pairs),
        Cow::Borrowed(_) => text,
    }
}

/// A line without a word that is struck through (`~~0oa1~~ 0oa2`), where one of its kind stands behind it: alone, it may be a secret
/// with such marks.
fn without_struck(text: &str) -> Option<String> {
    let word = text.split_whitespace().find(|word| word.len() > 4 && word.starts_with("~~") && word.ends_with("~~"))?;
    let (before, behind) = text.split_once(word)?;
    let next = behind.split_whitespace().next()?;
    are_alike(word.trim_matches('~'), next).then(|| format!("{before}{}", behind.trim_start()))
}

/// `[10:02] Amir Khan: the issuer` without time and name.
fn without_stamp(text: &str) -> &str {
    let Some((time, rest)) = text.trim_start().strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
        return text;
    };
    let is_time = time.contains(':')
        && time.len() <= 24
        && time.chars().all(|one| one.is_ascii_digit() || " :.,/-APMapm".contains(one));
    if !is_time {
        return text;
    }
    let is_name =
        |name: &str| (1..=4).contains(&name.split_whitespace().count()) && labels::occurrences(name).is_empty();
    rest.split_once(": ").filter(|(name, _)| is_name(name)).map_or(rest, |(_, said)| said)
}

/// A line without the marks that a help desk sets around what it shows as it stands: `{noformat}0oa1{noformat}`.
fn without_blocks(text: &str) -> Cow<'_, str> {
    let mark = ["{noformat}", "{code}"].into_iter().find(|mark| text.matches(mark).count() == 2);
    mark.map_or(Cow::Borrowed(text), |mark| Cow::Owned(text.replace(mark, " ")))
}

/// `$env:CLIENT_ID = "0oa1"` without what the shell of Windows calls its environment.
fn without_scope(text: &str) -> &str {
    const SCOPE: &str = "$env:";
    let start = text.trim_start();
    let scope = start.get(..SCOPE.len()).filter(|scope| scope.eq_ignore_ascii_case(SCOPE));
    scope.map_or(text, |_| start.get(SCOPE.len()..).unwrap_or_default())
}

/// `<clientId>0oa1</clientId>` and `<add key="ClientId" value="0oa1"/>`, as settings of programs have them, as `clientId: 0oa1`. A
/// value with an `&` is left as it is: whether it stands for a character is not guessed.
fn elements(text: &str) -> Option<String> {
    let trimmed = text.trim();
    if !trimmed.starts_with('<') || !trimmed.ends_with('>') {
        return None;
    }
    let is_pair = |name: &str, value: &str| {
        labels::whole(name).is_some() && !value.trim().is_empty() && !value.contains(['&', '<', '>', '"'])
    };
    let attribute = |names: &[&str]| {
        names.iter().find_map(|name| {
            let (_, rest) = trimmed.split_once(&format!(" {name}=\""))?;
            rest.split_once('"').map(|(value, _)| value)
        })
    };
    if let (Some(name), Some(value)) = (attribute(&["key", "name"]), attribute(&["value"])) {
        return is_pair(name, value).then(|| format!("{name}: {value}"));
    }
    let mut pairs = Vec::new();
    let mut rest = trimmed;
    while let Some((_, opened)) = rest.split_once('<') {
        let (name, behind) = opened.split_once('>')?;
        rest = behind;
        if let Some((value, closed)) = behind.split_once("</")
            && let Some((closing, after)) = closed.split_once('>')
            && closing == name
            && is_pair(name, value)
        {
            pairs.push(format!("{name}: {}", value.trim()));
            rest = after;
        }
    }
    (!pairs.is_empty()).then(|| pairs.join("  "))
}

/// Whether a line is what stands on the buttons beside a value of a console, which are copied along with it.
pub(super) fn is_button(text: &str) -> bool {
    const BUTTONS: [&str; 20] = [
        "copy",
        "copied",
        "show",
        "hide",
        "reveal",
        "view",
        "regenerate",
        "rotate",
        "edit",
        "download",
        "generate",
        "kopieren",
        "anzeigen",
        "ausblenden",
        "copier",
        "afficher",
        "copiar",
        "mostrar",
        "copia",
        "コピー",
    ];
    const OTHERS: [&str; 16] = [
        "to",
        "clipboard",
        "client",
        "secret",
        "id",
        "value",
        "new",
        "the",
        "in",
        "zwischenablage",
        "le",
        "secreto",
        "password",
        "clientsecret",
        "secrets",
        "url",
    ];
    let mut words = text.split_whitespace().map(str::to_lowercase);
    let first = words.next();
    first.is_some_and(|word| BUTTONS.contains(&word.as_str()))
        && words.by_ref().take(5).all(|word| OTHERS.contains(&word.as_str()) || BUTTONS.contains(&word.as_str()))
        && words.next().is_none()
}

/// A line without the smileys at its end, which nobody means as part of a value before them.
fn without_smiley(mut text: &str) -> &str {
    let is_drawn = |one| matches!(one, '\u{1F000}'..='\u{1FAFF}' | '\u{2600}'..='\u{27BF}' | '\u{FE0F}' | '\u{200D}');
    while let Some((before, last)) = text.trim_end().rsplit_once(char::is_whitespace)
        && ([":-)", ":)", ";-)", ";)", ":-D", ":D", "(:"].contains(&last) || last.chars().all(is_drawn))
    {
        text = before;
    }
    text
}

/// What stands behind `label` without what belongs to both of them: the closing quote of `'client_secret=…'`, the braces of
/// a help desk's `*Secret:* {{…}}`, and the initials of whoever answered within a quoted mail, `[JD] …`.
pub(super) fn inner<'t>(label: &str, value: &'t str) -> &'t str {
    let value = without_initials(value);
    // The end of `*Client secret:*` stands in front of the value.
    let value = if label.starts_with('*') { marks::without_emphasis(value) } else { value };
    let token = value.split_whitespace().next().unwrap_or_default();
    if let Some(quote) = label.chars().next().filter(|one| matches!(one, '\'' | '"' | '`'))
        && label.matches(quote).count() == 1
        && let Some(inside) = token.strip_suffix(quote)
    {
        return inside;
    }
    // A chat hides between such bars what is not for every eye.
    let hidden = token.strip_prefix("||").and_then(|rest| rest.strip_suffix("||"));
    if let Some(hidden) = hidden.filter(|inside| !inside.is_empty() && !inside.contains('|')) {
        return hidden;
    }
    // Without the bold label before them, such braces are a placeholder of somebody's template.
    let braced = token.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    braced.filter(|inside| label.starts_with('*') && labels::whole(inside).is_none()).unwrap_or(value)
}

/// What somebody answered on a line of its own, without the word or the initials in front: `Answer: 0oa1`, `JD: 0oa1`.
pub(super) fn answer(text: &str) -> &str {
    const WORDS: [&str; 13] = [
        "a",
        "answer",
        "antwort",
        "réponse",
        "reponse",
        "respuesta",
        "resposta",
        "risposta",
        "antwoord",
        "svar",
        "odpowiedź",
        "回答",
        "답변",
    ];
    let Some((word, rest)) = text.split_once([':', '：']) else { return text };
    let word = word.trim();
    let is_initials = (2..=3).contains(&word.len()) && word.bytes().all(|one| one.is_ascii_uppercase());
    let is_answer = WORDS.contains(&word.to_lowercase().as_str()) || is_initials;
    if is_answer && rest.starts_with(char::is_whitespace) && !rest.trim().is_empty() { rest.trim_start() } else { text }
}

/// Whether a line is an address, with no more than what it is called or a name beside it.
pub(super) fn is_mail_line(text: &str) -> bool {
    const WORDS: [&str; 20] = [
        "email",
        "e-mail",
        "mail",
        "mailto",
        "address",
        "adresse",
        "mailadresse",
        "emailadresse",
        "e-mail-adresse",
        "correo",
        "electrónico",
        "courriel",
        "indirizzo",
        "endereço",
        "e-mailadres",
        "e-post",
        "epost",
        "メール",
        "メールアドレス",
        "邮箱",
    ];
    let is_mail = |word: &str| {
        let bare = word.trim_matches(|one: char| !one.is_alphanumeric());
        bare.is_empty() || WORDS.contains(&bare.to_lowercase().as_str()) || !address::mailboxes(word).is_empty()
    };
    text.split_whitespace().all(is_mail)
}

fn without_initials(value: &str) -> &str {
    let marked = value.trim_start().strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let is_initials = |mark: &str| (2..=3).contains(&mark.len()) && mark.bytes().all(|one| one.is_ascii_uppercase());
    marked.filter(|(mark, rest)| is_initials(mark) && !rest.trim().is_empty()).map_or(value, |(_, rest)| rest)
}

/// The first words of `0oa1b2c3 (client ID)`, where a line is one value and its label in brackets behind it.
pub(super) fn named_behind(text: &str, label_at: usize) -> Option<&str> {
    let (before, label) = text.split_at_checked(label_at)?;
    let label = label.trim_end().trim_end_matches(['.', ',', ';']);
    let value = before.trim();
    let telling = value.contains('@') || value.contains("://") || value.contains(|one: char| one.is_ascii_digit());
    let alone = !value.is_empty() && !value.contains(char::is_whitespace);
    (alone && telling && label.starts_with('(') && label.ends_with(')')).then_some(value)
}

/// Whether a line is somebody's name and nothing else: their address may stand below it.
pub(super) fn is_name(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let capital = |word: &str| word.chars().next().is_some_and(char::is_uppercase);
    (1..=4).contains(&words.clone().count())
        && words.all(|word| capital(word) && word.chars().all(|one| one.is_alphabetic() || "-.'’".contains(one)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chats_time_and_name_are_no_part_of_what_was_said() {
        assert_eq!(unwrapped("[10:02] Amir Khan: client id 0oa1"), "client id 0oa1");
        assert_eq!(unwrapped("[10:02] Client ID: 0oa1"), " Client ID: 0oa1");
        for text in ["[JD] abc: d", "[0oa1] x: y", "client id [10:02] x"] {
            assert_eq!(unwrapped(text), text);
        }
    }

    #[test]
    fn the_elements_of_a_programs_settings_are_their_pairs() {
        assert_eq!(unwrapped(" <clientId>0oa1</clientId>"), "clientId: 0oa1");
        assert_eq!(unwrapped("<o><clientId>a</clientId><issuer> b </issuer></o>"), "clientId: a  issuer: b");
        assert_eq!(unwrapped("<add key=\"ClientSecret\" value=\"a-1\" />"), "ClientSecret: a-1");
        for text in [
            "<clientSecret>a&amp;b</clientSecret>",
            "<other>a</other>",
            "<a>",
            "<jane@a.example>",
            "<clientId></clientId>",
        ] {
            assert_eq!(unwrapped(text), text);
        }
    }

    #[test]
    fn a_button_is_no_value() {
        for text in ["Copy", "Copy to clipboard", "hide client secret", "Show client secret"] {
            assert!(is_button(text), "{text}");
        }
        for text in ["", "copy-1", "Client secret", "Copy kD3-xZ9", "Show the world to me"] {
            assert!(!is_button(text), "{text}");
        }
    }

    #[test]
    fn a_smiley_ends_a_line_and_no_value() {
        assert_eq!(unwrapped("the client secret 😀 :-)"), "the client secret");
        assert_eq!(unwrapped("Client secret: abc😀"), "Client secret: abc😀");
    }

    #[test]
    fn marks_around_label_and_value_are_taken_off_together_or_not_at_all() {
        assert_eq!(inner("'client_secret=", "abc' \\"), "abc");
        assert_eq!(inner("client_secret=", "abc'"), "abc'");
        assert_eq!(inner("\"client_secret\":", " \"abc\""), " \"abc\"");
        assert_eq!(inner("*Client secret:*", " {{abc}}"), "abc");
        assert_eq!(inner("*Client secret:", "* {{abc}}"), "abc");
        assert_eq!(inner("Client secret:", " {{abc}}"), " {{abc}}");
        assert_eq!(inner("*Client secret:*", " {{client_secret}}"), "{{client_secret}}");
        assert_eq!(inner("Client secret:", " [JD] abc"), " abc");
        assert_eq!(inner("Client secret:", " [JD]"), " [JD]");
        assert_eq!(inner("Client secret:", " ||abc||"), "abc");
        for text in [" |a|b||c", " ||a|b||", " ||||"] {
            assert_eq!(inner("Client secret:", text), text);
        }
    }

    #[test]
    fn a_label_in_brackets_names_the_one_word_before_it() {
        let named = |text: &'static str| named_behind(text, text.find('(').unwrap());
        assert_eq!(named("0oa1 (client ID)"), Some("0oa1"));
        assert_eq!(named("it is 0oa1 (client ID)"), None);
        assert_eq!(named("Confidential (secret)"), None);
    }

    #[test]
    fn a_name_is_words_with_a_capital_each() {
        assert!(is_name("Jane Doe") && is_name("Jean-Luc O’Hara"));
        assert!(!is_name("please ask") && !is_name("Jane 2") && !is_name("Jane Doe at the very Far End"));
    }
}
