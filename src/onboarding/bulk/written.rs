//! What earlier rows of a group will have written: a later row that it concerns is read again.

use std::collections::HashSet;

use crate::onboarding::apply::Decision;
use crate::product::facts::{ProductFacts, ProviderName, TeamQuestion};

/// The teams, domains and entities of the rows decided so far.
#[derive(Debug, Default)]
pub(super) struct Written {
    named: HashSet<String>,
    /// A connection was changed that was there before: what it let go of is anybody's.
    everything: bool,
}

impl Written {
    /// Takes note of what is written of a row.
    pub(super) fn note(&mut self, question: Option<&TeamQuestion>, decision: &Decision) {
        self.everything |= decision.change.is_some() && decision.stood_before();
        if let Some(question) = question {
            self.named.extend(names(question, decision.facts().product.as_ref()));
        }
    }

    /// Whether what `product` answered to `question` may have changed since.
    pub(super) fn concerns(&self, question: &TeamQuestion, product: &ProductFacts) -> bool {
        self.everything || names(question, Some(product)).any(|name| self.named.contains(&name))
    }

    /// Whether no question before this one named one of its domains or its entity.
    pub(super) fn is_first_to_name(&mut self, question: &TeamQuestion) -> bool {
        // Every name is noted, also after the first that was known.
        names(question, None).filter(|name| !self.named.insert(name.clone())).count() == 0
    }
}

/// By what a row's part of the database is told from those of others.
fn names(question: &TeamQuestion, product: Option<&ProductFacts>) -> impl Iterator<Item = String> {
    let team = product.and_then(ProductFacts::team).map(|team| format!("team {}", team.id));
    let provider = question.provider.as_ref().and_then(|provider| match provider {
        // Any number of teams may have one, and rows of one run are told of each other by their lines.
        ProviderName::Client(..) => None,
        ProviderName::Entity(entity) => Some(format!("entity {entity}")),
    });
    let domains = question.domains.iter().map(|domain| format!("domain {domain}"));
    domains.chain(team).chain(provider)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::names::{ClientId, EmailAddress, EmailDomain, IssuerUrl};
    use crate::request::saml_names::EntityId;

    fn question(domain: &str, provider: ProviderName) -> TeamQuestion {
        TeamQuestion {
            owner: EmailAddress::parse(&format!("owner@{domain}")).unwrap(),
            requested_by: None,
            domains: vec![EmailDomain::parse(domain).unwrap()],
            provider: Some(provider),
        }
    }

    #[test]
    fn a_domain_or_an_entity_that_an_earlier_row_named_is_not_named_first_and_a_client_always_is() {
        let entity = |name: &str| ProviderName::Entity(EntityId::parse(name).unwrap());
        let client = || {
            ProviderName::Client(IssuerUrl::parse("https://idp.example").unwrap(), ClientId::parse("client").unwrap())
        };
        let mut earlier = Written::default();
        assert!(earlier.is_first_to_name(&question("one.example", entity("urn:one"))));
        assert!(earlier.is_first_to_name(&question("two.example", entity("urn:two"))));
        assert!(!earlier.is_first_to_name(&question("two.example", entity("urn:three"))));
        assert!(!earlier.is_first_to_name(&question("four.example", entity("urn:one"))));
        assert!(earlier.is_first_to_name(&question("five.example", client())));
        assert!(earlier.is_first_to_name(&question("six.example", client())));
    }
}
