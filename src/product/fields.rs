//! A hash over fields that no two different lists of fields share.

use aws_lc_rs::digest;

/// SHA-256 over fields, each preceded by its length and an absent one told apart from an empty one.
pub(super) struct Fields(digest::Context);

impl Fields {
    /// `kind` says what is hashed, and in which form.
    pub(super) fn of(kind: &str) -> Self {
        let mut fields = Self(digest::Context::new(&digest::SHA256));
        fields.add(Some(kind));
        fields
    }

    pub(super) fn add(&mut self, value: Option<&str>) {
        match value {
            None => self.0.update(&[0]),
            Some(text) => {
                self.0.update(&[1]);
                self.0.update(&(text.len() as u64).to_be_bytes());
                self.0.update(text.as_bytes());
            }
        }
    }

    /// Lower-case hexadecimal.
    pub(super) fn finish(self) -> String {
        crate::hex::encode(self.0.finish())
    }
}
