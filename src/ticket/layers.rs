//! Which part of a mail a line belongs to: what the sender wrote, what was forwarded, what is quoted. The newest counts
//! most.

use super::line::Line;

/// How a line came into the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The sender's own words.
    Own,
    /// In a mail that was forwarded.
    Forwarded,
    /// In a mail that was answered.
    Quoted,
}

/// Where a line belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layer {
    /// How many mails ago it was written: 0 is the newest.
    pub(super) rank: usize,
    /// How it came into the mail.
    pub(super) kind: Kind,
    /// It is a signature, or the head of a forwarded or quoted mail: no answer stands there.
    pub(super) skipped: bool,
}

/// The layers of a body.
#[derive(Debug, Clone, Default)]
pub(super) struct Layers {
    /// One for each line.
    pub(super) lines: Vec<Layer>,
    /// The sender of the first forwarded mail, as its head shows it.
    pub(super) forwarded_from: Option<String>,
}

/// Lines that are looked at for the head of a mail.
const HEAD_LINES: usize = 8;

const FROM: [&str; 18] = [
    "from",
    "von",
    "de",
    "da",
    "van",
    "od",
    "från",
    "fra",
    "от",
    "差出人",
    "送信者",
    "发件人",
    "寄件者",
    "보낸 사람",
    "kimden",
    "odesílatel",
    "expéditeur",
    "mittente",
];

const OTHER_HEADS: [&str; 54] = [
    "sent",
    "date",
    "to",
    "cc",
    "subject",
    "gesendet",
    "datum",
    "an",
    "betreff",
    "kopie",
    "envoyé",
    "à",
    "objet",
    "date d'envoi",
    "enviado",
    "enviado el",
    "enviada em",
    "fecha",
    "para",
    "asunto",
    "assunto",
    "data",
    "inviato",
    "a",
    "oggetto",
    "verzonden",
    "aan",
    "onderwerp",
    "wysłano",
    "do",
    "temat",
    "skickat",
    "till",
    "ämne",
    "sendt",
    "til",
    "emne",
    "отправлено",
    "дата",
    "кому",
    "тема",
    "送信日時",
    "日付",
    "宛先",
    "件名",
    "发送时间",
    "日期",
    "收件人",
    "主题",
    "보낸 날짜",
    "날짜",
    "받는 사람",
    "제목",
    "reply-to",
];

/// What a line says that a forwarded mail follows.
const FORWARD_WORDS: [&str; 22] = [
    "forwarded message",
    "begin forwarded",
    "forwarded mail",
    "forwarded by",
    "weitergeleitete nachricht",
    "anfang der weitergeleiteten",
    "message transféré",
    "message transmis",
    "début du message",
    "mensaje reenviado",
    "inicio del mensaje",
    "mensagem encaminhada",
    "início da mensagem",
    "messaggio inoltrato",
    "inizio messaggio",
    "doorgestuurd bericht",
    "przekazana wiadomość",
    "vidarebefordrat",
    "пересылаемое сообщение",
    "転送",
    "转发",
    "전달된",
];

/// How a subject says that the mail is a forwarded one.
const FORWARD_SUBJECTS: [&str; 12] =
    ["fwd:", "fw:", "wg:", "tr:", "rv:", "enc:", "i:", "pd:", "vs:", "vb:", "転送:", "转发:"];

/// Words at the end of the line that introduces a quotation.
const WROTE: [&str; 14] = [
    "wrote",
    "schrieb",
    "a écrit",
    "escribió",
    "escreveu",
    "ha scritto",
    "schreef",
    "napisał",
    "napisał(a)",
    "skrev",
    "пишет",
    "написал",
    "のメール",
    "写道",
];

/// Tells the layers of a body apart. `subject` says whether a head in it is that of a forwarded mail.
pub(super) fn layers(lines: &[Line], subject: &str) -> Layers {
    let mut read = Layers { lines: Vec::with_capacity(lines.len()), forwarded_from: None };
    let (mut base, mut kind, mut signature_at) = (0, Kind::Own, None::<usize>);
    let subject = subject.trim().to_lowercase();
    let subject_forwards = FORWARD_SUBJECTS.iter().any(|prefix| subject.starts_with(prefix));
    // A mark announces the head that follows it: the two are one step.
    let mut announced = 0_usize;
    let mut head_left = 0_usize;
    for (position, line) in lines.iter().enumerate() {
        let text = line.joined();
        let mut skipped = line.signature;
        if signature_at.is_some_and(|depth| line.depth != depth) {
            signature_at = None;
        }
        if head_left > 0 {
            head_left -= 1;
            skipped = true;
        } else if let Some(head) = head(lines, position) {
            if announced == 0 {
                base += 1;
                kind = if kind == Kind::Own && subject_forwards { Kind::Forwarded } else { Kind::Quoted };
            }
            if kind == Kind::Forwarded && read.forwarded_from.is_none() {
                read.forwarded_from = Some(head.from);
            }
            (announced, signature_at) = (0, None);
            head_left = head.lines.saturating_sub(1);
            skipped = true;
        } else if let Some(mark) = mark(&text) {
            base += 1;
            kind = if kind == Kind::Own { mark } else { Kind::Quoted };
            (announced, signature_at) = (4, None);
            skipped = true;
        } else if let Some(length) = attribution(lines, position) {
            let behind = lines.iter().skip(position + length).find(|line| !line.is_blank());
            // Marks of quotation say by themselves what is quoted.
            if behind.is_some_and(|behind| behind.depth <= line.depth) {
                base += 1;
                kind = Kind::Quoted;
            }
            signature_at = None;
            head_left = length - 1;
            skipped = true;
        } else if line.cells.len() == 1 && text == "--" {
            signature_at = Some(line.depth);
        }
        announced = announced.saturating_sub(usize::from(!line.is_blank()));
        let rank = base + line.depth;
        let here = if kind == Kind::Own && line.depth > 0 { Kind::Quoted } else { kind };
        read.lines.push(Layer { rank, kind: here, skipped: skipped || signature_at.is_some() });
    }
    read
}

/// The head of a mail within a mail.
struct Head {
    /// Who sent that mail, as it is shown.
    from: String,
    /// Its lines.
    lines: usize,
}

/// The head that starts at `position`: a line of the sender, and at least two more of its kind.
fn head(lines: &[Line], position: usize) -> Option<Head> {
    let first = lines.get(position)?;
    let from = headed(first, &FROM)?;
    let mut others = 0;
    let mut length = 1;
    for (offset, line) in lines.iter().skip(position + 1).take(HEAD_LINES).enumerate() {
        if line.is_blank() || line.depth != first.depth {
            break;
        }
        if headed(line, &OTHER_HEADS).is_some() {
            others += 1;
            length = offset + 2;
        }
    }
    (others >= 2).then_some(Head { from, lines: length })
}

/// What stands behind one of `names` and a colon.
fn headed(line: &Line, names: &[&str]) -> Option<String> {
    let text = line.joined();
    let at = text.find([':', '：'])?;
    if at > 40 {
        return None;
    }
    let name = text.get(..at)?.trim().trim_matches('*').trim().to_lowercase();
    let value = text.get(at..)?.trim_start_matches([':', '：', '*', ' ']);
    names.contains(&name.as_str()).then(|| value.trim().to_owned())
}

/// A line that parts two mails.
fn mark(text: &str) -> Option<Kind> {
    if text.is_empty() || text.chars().count() > 120 {
        return None;
    }
    let lower = text.to_lowercase();
    let ruled = lower.starts_with("---") && lower.ends_with("---") && lower.chars().any(char::is_alphabetic);
    let announces = (ruled || lower.ends_with(':')) && FORWARD_WORDS.iter().any(|words| lower.contains(words));
    if announces {
        return Some(Kind::Forwarded);
    }
    let words = lower.trim_matches(['-', '_', '*', ' ']);
    let original = [
        "original message",
        "original-nachricht",
        "ursprüngliche nachricht",
        "originalnachricht",
        "message d'origine",
        "message original",
        "mensaje original",
        "mensagem original",
        "messaggio originale",
        "oorspronkelijk bericht",
        "wiadomość oryginalna",
        "ursprungligt meddelande",
        "oprindelig meddelelse",
        "исходное сообщение",
        "元のメッセージ",
        "原始邮件",
        "원본 메시지",
    ];
    (ruled && original.contains(&words)).then_some(Kind::Quoted)
}

/// How many lines "On … Jane Doe wrote:" takes from `position` on; `None` where it does not stand there.
fn attribution(lines: &[Line], position: usize) -> Option<usize> {
    let first = lines.get(position)?;
    let mut text = String::new();
    for (offset, line) in lines.iter().skip(position).take(3).enumerate() {
        if line.is_blank() || line.depth != first.depth || line.cells.len() > 1 {
            return None;
        }
        text.push_str(&line.joined());
        let lower = text.trim_end_matches([':', '：', ' ']).to_lowercase();
        let ends = text.ends_with([':', '：']) && WROTE.iter().any(|word| lower.ends_with(word));
        let german = text.ends_with(':') && lower.contains(" schrieb ");
        if ends || german {
            return (text.contains('@') || text.contains(|one: char| one.is_ascii_digit())).then_some(offset + 1);
        }
        if text.len() > 300 {
            return None;
        }
        text.push(' ');
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::plain;

    fn ranks(text: &str, subject: &str) -> Vec<(usize, bool)> {
        layers(&plain::lines(text), subject).lines.iter().map(|layer| (layer.rank, layer.skipped)).collect()
    }

    #[test]
    fn quotation_marks_make_a_line_older() {
        assert_eq!(ranks("a\n> b\n> > c", ""), [(0, false), (1, false), (2, false)]);
    }

    #[test]
    fn an_attribution_adds_nothing_to_marks_and_stands_for_them_where_there_are_none() {
        assert_eq!(ranks("On Wed 11 Nov, Tom wrote:\n> a\nb", ""), [(0, true), (1, false), (0, false)]);
        assert_eq!(ranks("On Wed 11 Nov, Tom wrote:\na", ""), [(1, true), (1, false)]);
        assert_eq!(ranks("Am 11.11.2026 um 9:00 schrieb Tom <t@a.example>:\na", "")[1], (1, false));
    }

    #[test]
    fn the_head_of_an_older_mail_starts_a_layer_and_is_not_read() {
        let text = "own\nFrom: Tom\nSent: today\nTo: me\nSubject: x\n\nold";
        assert_eq!(
            ranks(text, "RE: x"),
            [(0, false), (1, true), (1, true), (1, true), (1, true), (1, false), (1, false)]
        );
    }

    #[test]
    fn a_forwarded_mail_names_its_sender_and_a_quoted_one_does_not() {
        let text = "see below\n---------- Forwarded message ---------\nFrom: Jane <j@a.example>\nDate: x\nSubject: y\nTo: z\n\nold";
        let read = layers(&plain::lines(text), "x");
        assert_eq!(read.forwarded_from.as_deref(), Some("Jane <j@a.example>"));
        assert_eq!(read.lines.last().map(|layer| (layer.rank, layer.kind)), Some((1, Kind::Forwarded)));
        let text = "see below\nVon: Jane <j@a.example>\nGesendet: x\nAn: y\nBetreff: z\n\nold";
        let lines = plain::lines(text);
        assert_eq!(layers(&lines, "AW: x").forwarded_from, None);
        assert_eq!(layers(&lines, "WG: x").forwarded_from.as_deref(), Some("Jane <j@a.example>"));
    }

    #[test]
    fn a_signature_is_not_read_and_ends_where_the_mail_does() {
        assert_eq!(ranks("a\n-- \nb\n> c", ""), [(0, false), (0, true), (0, true), (1, false)]);
    }
}
