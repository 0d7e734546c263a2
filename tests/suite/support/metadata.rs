//! Metadata to be judged: documents with places for certificates, in the encodings that people send.

use std::path::{Path, PathBuf};

/// `fixtures/metadata`.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/metadata")
}

/// A committed certificate by its kind, Base64 on one line.
pub fn certificate(kind: &str) -> String {
    let file = folder().join("certificates").join(format!("{kind}.b64"));
    std::fs::read_to_string(&file).unwrap_or_else(|_| panic!("no certificate of the kind {kind}"))
}

/// `text` with certificates for `{CERT}` (an ordinary one), `{CERT:kind}`, `{CERT:wrapped}` (in lines of 64) and
/// `{CERT:cut}` (half of one).
pub fn with_certificates(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{CERT") {
        let (kind, after) = after.split_once('}').unwrap();
        out.push_str(before);
        let ordinary = || certificate("rsa2048");
        match kind.trim_start_matches(':') {
            "" => out.push_str(&ordinary()),
            "wrapped" => {
                let lines: Vec<String> =
                    ordinary().as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
                out.push_str(&lines.join("\n"));
            }
            "cut" => out.push_str(&ordinary()[..400]),
            kind => out.push_str(&certificate(kind)),
        }
        rest = after;
    }
    out + rest
}

/// `text` as bytes: `utf-16le-bom`, `utf-16be-bom`, `latin-1`, `utf-8-bom`, or plain UTF-8.
pub fn encoded(text: &str, encoding: Option<&str>) -> Vec<u8> {
    let units = || std::iter::once(0xFEFF).chain(text.encode_utf16());
    match encoding {
        None => text.as_bytes().to_vec(),
        Some("utf-8-bom") => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        Some("utf-16le-bom") => units().flat_map(u16::to_le_bytes).collect(),
        Some("utf-16be-bom") => units().flat_map(u16::to_be_bytes).collect(),
        Some("latin-1") => text.chars().map(|one| u8::try_from(u32::from(one)).unwrap()).collect(),
        Some(other) => panic!("{other} is no encoding that is made here"),
    }
}

/// The ordinary document that others are made from by one edit, with its certificate in place.
pub fn ordinary() -> String {
    with_certificates(&std::fs::read_to_string(folder().join("certificate-p-256/document.xml")).unwrap())
}
