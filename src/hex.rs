//! Bytes in hexadecimal, as digests are stored and shown.

/// `bytes` in lower-case hexadecimal, two digits each.
#[must_use]
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |half: u8| DIGITS.get(usize::from(half)).copied().unwrap_or_default();
    bytes.as_ref().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_two_digits_in_lower_case() {
        assert_eq!(encode([0x00, 0x0a, 0x7f, 0xff]), "000a7fff");
        assert_eq!(encode([]), "");
    }
}
