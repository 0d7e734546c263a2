//! How our values reach a product's columns, whatever type those have.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::types::{Format, FromSql, IsNull, Kind, ToSql, Type, to_sql_checked};

/// An id of the product's, as text. It goes to the server in text form, and the server reads it in the type of the column
/// it is compared with: integer, uuid and text all keep their index. What the type cannot hold is NULL, which equals
/// nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Id<'a>(pub(super) &'a str);

/// Several of them.
#[derive(Debug)]
pub(super) struct Ids<'a>(pub(super) &'a [String]);

/// Whether a value of `kind` may be spelled like this.
fn fits(id: &str, kind: &Type) -> bool {
    match *kind {
        Type::INT2 => id.parse::<i16>().is_ok(),
        Type::INT4 => id.parse::<i32>().is_ok(),
        Type::INT8 => id.parse::<i64>().is_ok(),
        Type::OID => id.parse::<u32>().is_ok(),
        Type::NUMERIC => !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()),
        Type::UUID => id.len() == 36 && uuid::Uuid::parse_str(id).is_ok(),
        _ => match kind.kind() {
            Kind::Domain(inner) => fits(id, inner),
            _ => !id.contains('\0'),
        },
    }
}

impl ToSql for Id<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        if !fits(self.0, kind) {
            return Ok(IsNull::Yes);
        }
        out.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

impl ToSql for Ids<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let Kind::Array(member) = kind.kind() else { return Err("not an array".into()) };
        let quoted = |id: &String| format!("\"{}\"", id.replace('\\', "\\\\").replace('"', "\\\""));
        let ids: Vec<String> = self.0.iter().filter(|id| fits(id, member)).map(quoted).collect();
        out.extend_from_slice(format!("{{{}}}", ids.join(",")).as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(kind: &Type) -> bool {
        matches!(kind.kind(), Kind::Array(_))
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

/// A value of type `json`, as its text.
pub(super) struct JsonText(pub(super) String);

impl<'a> FromSql<'a> for JsonText {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(std::str::from_utf8(raw)?.to_owned()))
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::JSON
    }
}

/// A name as SQL text, quoted.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(id: &str, kind: &Type) -> Option<String> {
        let mut out = BytesMut::new();
        match Id(id).to_sql(kind, &mut out).unwrap() {
            IsNull::Yes => None,
            IsNull::No => Some(String::from_utf8(out.to_vec()).unwrap()),
        }
    }

    #[test]
    fn an_id_that_the_columns_type_cannot_hold_equals_nothing() {
        let uuid = "01a2006f-a1a9-750b-b2a0-9ba241c74573";
        for (id, kind) in
            [("7", Type::INT4), ("-7", Type::INT8), (uuid, Type::UUID), ("a b", Type::TEXT), ("", Type::TEXT)]
        {
            assert_eq!(sent(id, &kind).as_deref(), Some(id), "{kind}");
        }
        for (id, kind) in [
            ("", Type::INT4),
            ("4294967296", Type::INT4),
            ("1042; DROP", Type::INT8),
            ("7", Type::UUID),
            ("urn:uuid:01a2006f-a1a9-750b-b2a0-9ba241c74573", Type::UUID),
            ("1e3", Type::NUMERIC),
            ("a\0b", Type::TEXT),
        ] {
            assert_eq!(sent(id, &kind), None, "{id:?} as {kind}");
        }
    }

    #[test]
    fn a_list_of_ids_is_quoted_and_leaves_out_what_cannot_be_there() {
        let mut out = BytesMut::new();
        let ids = ["a\"b\\c", "{}", "d,e"].map(str::to_owned);
        Ids(&ids).to_sql(&Type::TEXT_ARRAY, &mut out).unwrap();
        assert_eq!(&out[..], br#"{"a\"b\\c","{}","d,e"}"#);
        let mut out = BytesMut::new();
        Ids(&["7".to_owned(), "x".to_owned()]).to_sql(&Type::INT8_ARRAY, &mut out).unwrap();
        assert_eq!(&out[..], br#"{"7"}"#);
    }

    #[test]
    fn a_quoted_name_cannot_end_early() {
        assert_eq!(quoted(r#"a"; DROP"#), r#""a""; DROP""#);
    }
}
