//! A short run of the fuzz targets over documents that were taken apart and put together wrongly.
//!
//! The same dice every time, so that a failure is there again in the next run. `SSOCTL_FUZZ_ROUNDS` makes it longer;
//! CONTRIBUTING.md says how libFuzzer runs the same targets for hours.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::support::metadata::{certificate, encoded, folder, with_certificates};

#[path = "../../fuzz/targets.rs"]
mod targets;

/// What is put into documents: everything that means something to XML, to SAML, or to Base64.
const WORDS: [&str; 36] = [
    "<",
    ">",
    "/>",
    "</",
    "&",
    ";",
    "&lt;",
    "&#60;",
    "&#x0;",
    "\"",
    "'",
    "=",
    " ",
    "\n",
    "\0",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?x ?>",
    "<?xml version=\"1.0\"?>",
    "<!DOCTYPE a>",
    "xmlns=\"\"",
    "xmlns:md=\"urn:x\"",
    " ID=\"_root\"",
    "<md:Extensions>",
    "</md:Extensions>",
    "<md:EntityDescriptor entityID=\"https://evil.example\">",
    "</md:EntityDescriptor>",
    "https://evil.example/",
    "#_root",
    "-----BEGIN CERTIFICATE-----",
    "\u{feff}",
    "\u{202e}",
    "MIIC",
    "xml:base=\"x\"",
];

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides.max(1)
    }

    fn span(&mut self, length: usize, most: usize) -> std::ops::Range<usize> {
        let start = self.roll(length + 1);
        start..(start + self.roll(most)).min(length)
    }
}

/// One to four of: a bit turned, a word put in, a piece taken out, doubled, or moved over from another document.
fn mutated(seeds: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = seeds[dice.roll(seeds.len())].clone();
    for _ in 0..=dice.roll(4) {
        match dice.roll(6) {
            0 if !bytes.is_empty() => {
                let at = dice.roll(bytes.len());
                bytes[at] ^= 1 << dice.roll(8);
            }
            0 | 1 => {
                let (span, word) = (dice.span(bytes.len(), 2), WORDS[dice.roll(WORDS.len())]);
                bytes.splice(span, word.bytes());
            }
            2 => drop(bytes.drain(dice.span(bytes.len(), 80))),
            3 => {
                let piece = bytes[dice.span(bytes.len(), 400)].to_vec();
                let at = dice.roll(bytes.len() + 1);
                bytes.splice(at..at, piece);
            }
            _ => {
                let other = &seeds[dice.roll(seeds.len())];
                let piece = other[dice.span(other.len(), 2000)].to_vec();
                let span = dice.span(bytes.len(), 2000);
                bytes.splice(span, piece);
            }
        }
    }
    bytes
}

fn rounds(usual: usize) -> usize {
    std::env::var("SSOCTL_FUZZ_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn run(seeds: &[Vec<u8>], usual: usize, target: fn(&[u8])) {
    let mut dice = Dice(20_261_122);
    for seed in seeds {
        target(seed);
    }
    for round in 0..rounds(usual) {
        let bytes = mutated(seeds, &mut dice);
        let survived = catch_unwind(AssertUnwindSafe(|| target(&bytes))).is_ok();
        assert!(survived, "round {round}: {}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn mutilated_metadata_is_read_or_refused_and_never_vouched_for() {
    let cases = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path().join("document.xml"));
    let texts = cases.filter_map(|file| std::fs::read_to_string(file).ok()).map(|text| with_certificates(&text));
    let mut seeds: Vec<Vec<u8>> = texts.map(String::into_bytes).collect();
    seeds.sort();
    // What is signed is worth more than the rest.
    for _ in 0..10 {
        seeds.extend(targets::SIGNED.map(<[u8]>::to_vec));
    }
    seeds.push(encoded(&String::from_utf8_lossy(targets::SIGNED[0]), Some("utf-16le-bom")));
    assert!(seeds.len() > 120);
    run(&seeds, 1_500, targets::metadata);
}

#[test]
fn mutilated_certificates_are_read_or_refused() {
    let kinds = ["rsa2048", "p256", "dsa1024", "ed25519", "v1", "secp256k1", "forever"];
    let texts: Vec<Vec<u8>> = kinds.map(|kind| certificate(kind).into_bytes()).to_vec();
    let binary = texts.iter().map(|text| {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.decode(text).unwrap()
    });
    let seeds: Vec<Vec<u8>> = texts.iter().cloned().chain(binary).collect();
    run(&seeds, 10_000, targets::certificate);
}
