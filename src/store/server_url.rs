//! The URL of a server in its parts, divided as the driver and libpq divide it.

/// `SCHEME://USER:PASSWORD@PLACE?PARAMETERS`.
pub(super) struct ServerUrl<'u> {
    scheme: &'u str,
    /// What stands before the first `@`, where that does not belong to a parameter: a password may hold a bare `?`, `/` or `#`.
    user_info: Option<&'u str>,
    /// Hosts and database.
    place: &'u str,
    parameters: Option<&'u str>,
}

impl<'u> ServerUrl<'u> {
    /// `None` for a text without `://`.
    pub(super) fn parse(url: &'u str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let (user_info, rest) = match rest.split_once('@') {
            Some((before, after)) if !before.contains('?') || !before.contains('/') => (Some(before), after),
            _ => (None, rest),
        };
        let (place, parameters) =
            rest.split_once('?').map_or((rest, None), |(place, parameters)| (place, Some(parameters)));
        Some(Self { scheme, user_info, place, parameters })
    }

    /// `key=value`, as they stand there.
    pub(super) fn parameters(&self) -> impl Iterator<Item = &'u str> + use<'u> {
        self.parameters.into_iter().flat_map(|text| text.split('&')).filter(|pair| !pair.is_empty())
    }

    /// Hosts, each with its port where one is said.
    pub(super) fn hosts(&self) -> impl Iterator<Item = &'u str> + use<'u> {
        self.place.split('/').next().unwrap_or_default().split(',')
    }

    /// Whether a user name or password holds a bare `@`, so that its end would be taken for the host's name: sent to name
    /// servers, and shown.
    pub(super) fn has_a_further_at(&self) -> bool {
        let in_key = |pair: &str| pair.split('=').next().is_some_and(|key| key.contains('@'));
        self.place.contains('@') || self.parameters().any(in_key)
    }

    /// The same with these `parameters` alone.
    pub(super) fn with_parameters(&self, parameters: &[&str]) -> String {
        let user_info = self.user_info.map(|text| format!("{text}@")).unwrap_or_default();
        let bare = format!("{}://{user_info}{}", self.scheme, self.place);
        if parameters.is_empty() { bare } else { format!("{bare}?{}", parameters.join("&")) }
    }

    /// The same without its password; `None` where it has none. Where the end of one cannot be told, nothing is left.
    pub(super) fn without_password(&self) -> Option<String> {
        if self.has_a_further_at() {
            return Some(format!("{}://", self.scheme));
        }
        let is_secret = |pair: &&str| pair.starts_with("password=") || pair.starts_with("sslpassword=");
        let kept: Vec<&str> = self.parameters().filter(|pair| !is_secret(pair)).collect();
        let (user, password) = match self.user_info.and_then(|text| text.split_once(':')) {
            Some((user, password)) => (Some(user), Some(password)),
            None => (self.user_info, None),
        };
        let has_one = password.is_some() || self.parameters().any(|pair| is_secret(&pair));
        has_one.then(|| Self { user_info: user, ..*self }.with_parameters(&kept))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(url: &str) -> (Option<&str>, &str, Option<&str>) {
        let ServerUrl { user_info, place, parameters, .. } = ServerUrl::parse(url).unwrap();
        (user_info, place, parameters)
    }

    #[test]
    fn a_user_name_and_password_end_at_the_first_at_sign_that_is_no_parameters() {
        assert_eq!(parts("postgres://u:p@h:1,i/d?a=b"), (Some("u:p"), "h:1,i/d", Some("a=b")));
        assert_eq!(parts("postgres://u:p?w@h/d"), (Some("u:p?w"), "h/d", None));
        assert_eq!(parts("postgres://u:p/w#@h/d?a=b@c"), (Some("u:p/w#"), "h/d", Some("a=b@c")));
        assert_eq!(parts("postgres://h/d?application_name=a@b"), (None, "h/d", Some("application_name=a@b")));
        assert_eq!(parts("postgres://"), (None, "", None));
    }

    #[test]
    fn a_password_with_a_bare_at_sign_is_told() {
        for url in ["postgres://u:P@ssw0rd@h/d", "postgres://u:P@ss/w0rd@h/d", "postgres://u:P@ss?w0rd@h/d"] {
            let url = ServerUrl::parse(url).unwrap();
            assert!(url.has_a_further_at());
            assert_eq!(url.without_password().as_deref(), Some("postgres://"));
        }
        for url in ["postgres://u:p%40ss@h/d?passfile=/home/a@b/pass", "postgres://h/d", "postgres://u@h/d?a=b@c"] {
            assert!(!ServerUrl::parse(url).unwrap().has_a_further_at(), "{url}");
        }
    }
}
