//! Files that are no text, told by their first bytes. What each means for whoever gave it, the reader of mails, lists or metadata
//! says.

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// Office documents and workbooks are such files, too.
    Zip,
    EmptyZip,
    Gzip,
    SevenZip,
    Rar,
    Bzip2,
    Xz,
    Zstandard,
    /// ELF.
    Program,
    Pdf,
    RichText,
    /// The compound file of old Office documents and of Outlook's `.msg`.
    OldOffice,
    /// By its format's name.
    Picture(&'static str),
    /// Apple's, in binary.
    PropertyList,
}

const MARKS: [(&[u8], FileKind); 17] = [
    (b"PK\x03\x04", FileKind::Zip),
    (b"PK\x05\x06", FileKind::EmptyZip),
    (b"\x1F\x8B", FileKind::Gzip),
    (b"7z\xBC\xAF\x27\x1C", FileKind::SevenZip),
    (b"Rar!\x1A\x07", FileKind::Rar),
    (b"BZh", FileKind::Bzip2),
    (b"\xFD7zXZ\x00", FileKind::Xz),
    (b"\x28\xB5\x2F\xFD", FileKind::Zstandard),
    (b"\x7FELF", FileKind::Program),
    (b"%PDF-", FileKind::Pdf),
    (b"{\\rtf", FileKind::RichText),
    (b"{\\urtf", FileKind::RichText),
    (b"\xD0\xCF\x11\xE0", FileKind::OldOffice),
    (b"\x89PNG", FileKind::Picture("PNG")),
    (b"\xFF\xD8\xFF", FileKind::Picture("JPEG")),
    (b"GIF8", FileKind::Picture("GIF")),
    (b"bplist", FileKind::PropertyList),
];

impl FileKind {
    /// Tells a file by its first bytes; `None` for what may be text.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        MARKS.iter().find_map(|(mark, kind)| bytes.starts_with(mark).then_some(*kind))
    }
}
