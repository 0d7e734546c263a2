//! What is wrong with one entity of metadata that could be read, in words for the agent and the customer: part of
//! `saml-metadata`.

use super::saml_certificates;
use crate::finding::Finding;
use crate::foreign;
use crate::saml::entity::Defect;

/// One defect of the entity that calls itself `entity_id`. Every sentence names what is wrong and what it has to be:
/// whoever only downloads the same file once more has gained nothing.
pub(super) fn of_defect(defect: &Defect, entity_id: &str) -> Finding {
    let code = defect.code();
    let fail = |fact: &str| Finding::fail(code, fact);
    let name = |finding: Finding| finding.evidence("entity ID", entity_id);
    let id = foreign::shown_up_to(entity_id, 100);
    let again = "then download the metadata again, and send the file unchanged";
    match defect {
        Defect::Interrupted { element } => {
            fail(&format!("a comment or another element stands inside the value of `{element}`"))
                .because("two programs may read two different values, and one of them signs people in")
                .next("send the customer the reply: the value has to stand there alone")
                .tell(format!("In your metadata, a comment or another element stands inside the value of {element}; the value has to stand there alone. If the file was edited, please send it as your identity provider offers it; else remove the comment there, {again}."))
        }
        Defect::Base => fail("the metadata uses `xml:base`")
            .because("it would move addresses to wherever it says, and not every program follows")
            .next("send the customer the reply: every address has to be written out whole, without `xml:base`")
            .tell(format!("Your metadata has an attribute xml:base, which we do not accept: every address has to be written out whole. Please remove it where your identity provider's metadata is made, {again}.")),
        Defect::Attribute { name, value } => {
            let has_to_be = form_of(name);
            fail(&format!("the attribute `{name}` is not what it has to be: {has_to_be}"))
                .evidence(*name, value)
                .because("programs would read it in different ways, or not at all")
                .next(format!("send the customer the reply: `{name}` has to be {has_to_be}"))
                .tell(format!("In your metadata, the attribute {name} is \"{}\"; it has to be {}. Please correct it at your identity provider, {again}.", foreign::shown_up_to(value, 100), has_to_be.replace('`', "")))
        }
        Defect::Torn { what, value } => fail(&format!("the value of `{what}` has a blank or a line break in it"))
            .evidence(*what, value)
            .because("a mail program has broken a long line, and this and other values may not be what they were")
            .next("send the customer the reply: the file has to come as an attachment")
            .tell(format!("The metadata was damaged on its way: the value of {what} has a blank or a line break in it. Please download the metadata of your identity provider once more, and send the file unchanged, as an attachment.")),
        Defect::PrivateKey => saml_certificates::private_key("a private key stands in the metadata"),
        Defect::Words => fail("words stand between the elements of the metadata")
            .because("a mail program or an editor has torn a tag apart, and what was lost with it cannot be known")
            .next("send the customer the reply: the file has to come as an attachment")
            .tell("The metadata was damaged on its way: there are words between its elements. Please download the metadata of your identity provider once more, and send the file unchanged, as an attachment."),
        Defect::Folded => fail("marks of a browser's view stand between the elements of the metadata (`...`, `-`)")
            .because("it was copied from the screen, and what is folded away there is not copied along")
            .next("send the customer the reply: the file itself has to come, as an attachment")
            .tell("The metadata was copied from a browser's view, where a part of it may be folded away: there are marks like \"...\" between its elements. Please download the metadata of your identity provider as a file, and send it unchanged, as an attachment."),
        Defect::NoEntityId => fail("the metadata has no entity ID")
            .because("it is the name by which every response is matched with this connection")
            .next("send the customer the reply: `entityID` has to be the name of their identity provider")
            .tell(format!("Your metadata has no entity ID (the attribute entityID of EntityDescriptor). Please set the entity ID of your identity provider, often called issuer, {again}.")),
        Defect::LongEntityId => name(fail("the entity ID is longer than 1024 characters"))
            .because("the specification allows no more, and no honest one is that long")
            .next("send the customer the reply: the entity ID has to be shorter")
            .tell(format!("The entity ID in your metadata is longer than the 1024 characters that SAML allows. Please give your identity provider a shorter one, {again}.")),
        Defect::OddEntityId => {
            name(fail("the entity ID has a blank, a line break or an invisible character in it"))
                .because("it is compared character by character with the `Issuer` of every response")
                .next("send the customer the reply: the entity ID has to be one word, as the provider writes it into its responses")
                .tell(format!("The entity ID in your metadata has a blank, a line break or an invisible character in it: {id}. If your identity provider is set up like this, please correct it there, {again}; else please send the file as an attachment, as you downloaded it."))
        }
        Defect::RewrittenEntityId => name(fail("the entity ID is a mail filter's link"))
            .because("the filter has rewritten the metadata on its way: no response will carry this name")
            .next("send the customer the reply: the metadata has to come unchanged, in a zip file or by its address if nothing else passes the filter; unpack it yourself")
            .tell("A mail filter has rewritten the addresses in the metadata on its way to us. Please send us the address at which your identity provider offers the metadata, or the file in a way that no mail filter changes."),
        Defect::PlaceholderEntityId => name(fail("the entity ID still has a placeholder in it"))
            .because("this is a template, or the document of all customers of this provider, not this customer's own")
            .next("send the customer the reply: what the placeholder stands for has to be filled in")
            .tell(format!("The entity ID in your metadata still has a placeholder in it: {id}. Please download the metadata of your own application at your identity provider, where that value is filled in, and send the file unchanged.")),
        Defect::EverybodysEntityId => {
            name(fail("the entity ID is Microsoft's for many organisations, not one of the customer's"))
                .because("anybody with a Microsoft account could sign in through it")
                .next("send the customer the reply: the entity ID has to be `https://sts.windows.net/<tenant id>/`")
                .tell(format!("The entity ID in your metadata is Microsoft's for everybody, not the one of your own Microsoft Entra tenant: {id}. Please download the federation metadata of the application in your own tenant, and send it as an attachment."))
        }
        Defect::SeveralRoles => fail("the entity has more than one role as an identity provider for SAML 2.0")
            .because("which addresses and keys count could only be guessed")
            .next("send the customer the reply: there has to be one `IDPSSODescriptor` for SAML 2.0")
            .tell(format!("Your metadata describes your identity provider twice: there is more than one IDPSSODescriptor for SAML 2.0. Please remove the one that is not in use, {again}.")),
    }
}

/// What an attribute has to be. Source: SAML 2.0 Metadata, sections 2.3.2, 2.4.1.1 and 2.4.3.
fn form_of(name: &str) -> &'static str {
    match name {
        "WantAuthnRequestsSigned" => "`true` or `false`, in lower case",
        "use" => "`signing` or `encryption`, in lower case, or left out for both",
        "validUntil" => "a date with a time, like `2030-01-31T00:00:00Z`",
        _ => "a value of the kind that SAML 2.0 metadata has there",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_is_told_what_is_wrong_and_what_it_has_to_be() {
        let attribute = |name, value: &str| Defect::Attribute { name, value: value.to_owned() };
        for (defect, words) in [
            (attribute("WantAuthnRequestsSigned", "TRUE"), ["TRUE", "true or false"]),
            (attribute("use", "Signing"), ["Signing", "signing or encryption"]),
            (attribute("validUntil", "never"), ["never", "2030-01-31T00:00:00Z"]),
            (Defect::SeveralRoles, ["IDPSSODescriptor", "more than one"]),
            (Defect::NoEntityId, ["entityID", "no entity ID"]),
            (Defect::LongEntityId, ["1024", "shorter"]),
            (Defect::OddEntityId, ["https://idp.acme.example", "invisible"]),
            (Defect::PlaceholderEntityId, ["https://idp.acme.example", "placeholder"]),
            (Defect::EverybodysEntityId, ["https://idp.acme.example", "your own Microsoft Entra tenant"]),
            (Defect::RewrittenEntityId, ["mail filter", "address at which"]),
            (Defect::Base, ["xml:base", "written out whole"]),
            (Defect::Interrupted { element: "NameIDFormat" }, ["NameIDFormat", "comment"]),
            (Defect::Torn { what: "NameIDFormat", value: "a b".to_owned() }, ["NameIDFormat", "attachment"]),
            (Defect::Words, ["words between its elements", "attachment"]),
            (Defect::PrivateKey, ["private key", "make a new one"]),
        ] {
            let finding = of_defect(&defect, "https://idp.acme.example");
            let tell = finding.tell.unwrap_or_default();
            assert!(words.iter().all(|word| tell.contains(word)), "{defect:?}: {tell}");
            assert!(finding.next.is_some(), "{defect:?}");
        }
    }
}
