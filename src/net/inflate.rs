//! Bodies that come compressed although nobody asked for that: some servers do not know otherwise. They are unpacked within the
//! same limits, and no further than an honest document grows (security rule R-05).

use std::io::{BufRead, Read as _};

use flate2::bufread::{GzDecoder, ZlibDecoder};
use http::header::{self, HeaderMap};

use crate::exchange::Problem;

/// How many times its length a body may grow. JSON and XML with all their repetitions grow by some ten.
const RATIO: usize = 20;
/// Up to here any ratio is fine: so little is no danger.
const HARMLESS: usize = 16 * 1024;

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// As it is.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 1950, which HTTP calls `deflate`.
    Zlib,
}

impl Coding {
    /// How the header says that the body is packed.
    ///
    /// # Errors
    ///
    /// [`Problem::Protocol`]: in a way that is not read here, or in several.
    ///
    /// Source: RFC 9110, section 8.4.1.
    pub(super) fn of(header: &HeaderMap) -> Result<Self, Problem> {
        let mut found = Self::Identity;
        for value in header.get_all(header::CONTENT_ENCODING) {
            let coding = match value.as_bytes().trim_ascii().to_ascii_lowercase().as_slice() {
                // A character encoding in the wrong header packs nothing, and browsers pass over it.
                b"" | b"identity" | b"utf-8" | b"utf8" => continue,
                b"gzip" | b"x-gzip" => Self::Gzip,
                b"deflate" => Self::Zlib,
                _ => return Err(protocol("its body is compressed in a way that is not read here")),
            };
            if found != Self::Identity {
                return Err(protocol("its body is compressed more than once"));
            }
            found = coding;
        }
        Ok(found)
    }

    /// The body as it was before it was packed, of at most `most` bytes.
    ///
    /// # Errors
    ///
    /// [`Problem::TooLarge`] where it is longer; [`Problem::Protocol`] where it cannot be unpacked, grows beyond all measure, or
    /// has something behind it.
    pub(super) fn unpack(self, packed: Vec<u8>, most: usize) -> Result<Vec<u8>, Problem> {
        match self {
            Self::Identity => Ok(packed),
            // A body that is empty has not even been packed.
            Self::Gzip | Self::Zlib if packed.is_empty() => Ok(packed),
            Self::Gzip => {
                let mut decoder = GzDecoder::new(packed.as_slice());
                let body = read(&mut decoder, packed.len(), most)?;
                ended(decoder.into_inner(), body)
            }
            Self::Zlib => {
                let mut decoder = ZlibDecoder::new(packed.as_slice());
                let body = read(&mut decoder, packed.len(), most)?;
                ended(decoder.into_inner(), body)
            }
        }
    }
}

fn read(decoder: &mut impl std::io::Read, packed: usize, most: usize) -> Result<Vec<u8>, Problem> {
    let limit = most.min(packed.saturating_mul(RATIO).max(HARMLESS));
    let mut body = Vec::new();
    let most_and_one = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    decoder
        .take(most_and_one)
        .read_to_end(&mut body)
        .map_err(|_| protocol("its compressed body cannot be unpacked"))?;
    match body.len() {
        length if length > most => Err(Problem::TooLarge { limit: most, declared: None }),
        length if length > limit => Err(protocol("its body grows more than twenty times when it is unpacked")),
        _ => Ok(body),
    }
}

fn ended(mut rest: impl BufRead, body: Vec<u8>) -> Result<Vec<u8>, Problem> {
    match rest.fill_buf() {
        Ok([]) => Ok(body),
        _ => Err(protocol("there is something behind its compressed body")),
    }
}

fn protocol(text: &str) -> Problem {
    Problem::Protocol(text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;

    fn gzip(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(body: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    const DOCUMENT: &[u8] = include_bytes!("../../fixtures/metadata/okta/document.xml");

    #[test]
    fn what_was_packed_comes_out_as_it_was() {
        assert_eq!(Coding::Gzip.unpack(gzip(DOCUMENT), 1 << 20).unwrap(), DOCUMENT);
        assert_eq!(Coding::Zlib.unpack(zlib(DOCUMENT), 1 << 20).unwrap(), DOCUMENT);
        assert_eq!(Coding::Identity.unpack(DOCUMENT.to_vec(), 0).unwrap(), DOCUMENT, "its length was judged before");
        assert_eq!(Coding::Gzip.unpack(Vec::new(), 1 << 20).unwrap(), b"");
    }

    #[test]
    fn what_grows_beyond_measure_is_not_unpacked_to_its_end() {
        let bomb = gzip(&vec![b' '; 900_000]);
        assert!(matches!(Coding::Gzip.unpack(bomb, 1 << 20), Err(Problem::Protocol(text)) if text.contains("twenty")));
        let long: Vec<u8> =
            (0..400_000_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let long = Coding::Gzip.unpack(gzip(&long), 1 << 20);
        assert_eq!(long, Err(Problem::TooLarge { limit: 1 << 20, declared: None }));
    }

    #[test]
    fn what_cannot_be_unpacked_whole_is_refused() {
        let packed = gzip(DOCUMENT);
        let cut = packed.get(..packed.len() - 9).unwrap().to_vec();
        let mut flipped = packed.clone();
        flipped[20] ^= 0xFF;
        let more = [packed.as_slice(), b"more"].concat();
        for bytes in [cut, flipped, more, DOCUMENT.to_vec()] {
            assert!(matches!(Coding::Gzip.unpack(bytes, 1 << 20), Err(Problem::Protocol(_))));
        }
    }

    #[test]
    fn the_header_names_one_way_that_is_known() {
        let coding = |values: &[&str]| {
            let mut header = HeaderMap::new();
            for value in values {
                header.append(header::CONTENT_ENCODING, value.parse().unwrap());
            }
            Coding::of(&header)
        };
        assert_eq!(coding(&[]), Ok(Coding::Identity));
        assert_eq!(coding(&["identity"]), Ok(Coding::Identity));
        assert_eq!(coding(&["UTF-8"]), Ok(Coding::Identity));
        assert_eq!(coding(&["GZip"]), Ok(Coding::Gzip));
        assert_eq!(coding(&["deflate"]), Ok(Coding::Zlib));
        for strange in [&["br"][..], &["gzip, gzip"], &["gzip", "gzip"], &["zstd"], &["utf-8, gzip"]] {
            assert!(coding(strange).is_err(), "{strange:?}");
        }
    }
}
