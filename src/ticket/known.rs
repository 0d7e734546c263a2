//! Objects of JSON that programs write in words of their own: what `resource` or `password` is, the members beside it tell.

/// What such an object says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// Values, each with a label that anybody's mail may have.
    pub(super) rows: Vec<(String, String)>,
    /// The members that are said by them.
    pub(super) told: &'static [&'static str],
}

/// Reads an object of which `member` gives the texts by name, where it is one of those.
pub(super) fn object<'t>(member: impl Fn(&str) -> Option<&'t str>) -> Option<Known> {
    keycloak(&member).or_else(|| azure(&member)).or_else(|| pair(&member))
}

/// `keycloak.json`, which Keycloak's console offers for a client: the realm is one below the server's address.
fn keycloak<'t>(member: &impl Fn(&str) -> Option<&'t str>) -> Option<Known> {
    let (server, realm) = (member("auth-server-url")?, member("realm")?);
    let issuer = format!("{}/realms/{realm}", server.trim_end_matches('/'));
    let mut rows = vec![("Issuer (auth-server-url, realm)".to_owned(), issuer)];
    rows.extend(member("resource").map(|client| ("Client ID (resource)".to_owned(), client.to_owned())));
    Some(Known { rows, told: &["auth-server-url", "realm", "resource"] })
}

/// What `az ad app credential reset` and `az ad sp create-for-rbac` print.
fn azure<'t>(member: &impl Fn(&str) -> Option<&'t str>) -> Option<Known> {
    let (_, _, password) = (member("appId")?, member("tenant")?, member("password")?);
    Some(Known { rows: vec![("Client secret (password)".to_owned(), password.to_owned())], told: &["password"] })
}

/// `{"name": "CLIENT_ID", "value": "0oa1"}`, as lists of settings have them.
fn pair<'t>(member: &impl Fn(&str) -> Option<&'t str>) -> Option<Known> {
    let (name, value) = (member("name")?, member("value")?);
    Some(Known { rows: vec![(name.to_owned(), value.to_owned())], told: &["name", "value"] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(members: &[(&str, &'static str)]) -> Vec<(String, String)> {
        let member = |name: &str| members.iter().find(|(own, _)| *own == name).map(|(_, text)| *text);
        object(member).map(|known| known.rows).unwrap_or_default()
    }

    fn row(label: &str, value: &str) -> (String, String) {
        (label.to_owned(), value.to_owned())
    }

    #[test]
    fn an_object_of_a_known_program_is_told_by_its_members() {
        assert_eq!(
            rows(&[("realm", "acme"), ("auth-server-url", "https://id.acme.example/auth/"), ("resource", "portal")]),
            [
                row("Issuer (auth-server-url, realm)", "https://id.acme.example/auth/realms/acme"),
                row("Client ID (resource)", "portal"),
            ]
        );
        assert_eq!(
            rows(&[("appId", "a"), ("password", "b-1"), ("tenant", "c")]),
            [row("Client secret (password)", "b-1")]
        );
        assert_eq!(rows(&[("name", "CLIENT_ID"), ("value", "0oa1")]), [row("CLIENT_ID", "0oa1")]);
    }

    #[test]
    fn a_member_alone_tells_nothing() {
        for members in [
            [("resource", "portal"), ("realm", "acme")].as_slice(),
            &[("user", "a"), ("password", "b-1")],
            &[("password", "b-1"), ("tenant", "c")],
            &[("name", "CLIENT_ID")],
            &[],
        ] {
            assert_eq!(rows(members), [], "{members:?}");
        }
    }
}
