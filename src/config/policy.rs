//! Who may have single sign-on switched on, and for what: the gates of an installation.

use serde::Deserialize;

/// `[policy]`: who may switch on what.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(clippy::struct_excessive_bools)] // each is one independent gate of the configuration file
pub struct Policy {
    /// Plans that include single sign-on, compared without case, spaces, `-` and `_`; `["*"]` for any.
    pub allowed_plans: Vec<String>,
    /// The team must have team management enabled.
    pub require_team_management: bool,
    /// Roles in the team that may ask for single sign-on, besides the owner.
    pub requester_roles: Vec<String>,
    /// Refuse domains of public mailbox providers (gmail.com and kin).
    pub refuse_public_mailboxes: bool,
    /// Refuse domains of disposable mailbox providers.
    pub refuse_disposable_mailboxes: bool,
    /// Further domains to treat as public mailbox providers.
    pub public_mailbox_domains: Vec<String>,
    /// Domains to accept although a list of mailbox providers has them: a mailbox provider's own staff, say.
    pub company_domains: Vec<String>,
    /// Ask for a DNS proof of the owner's own domain too, not only of further ones.
    pub require_dns_proof: bool,
    /// Most domains one team may claim.
    pub max_domains: usize,
}

impl Policy {
    /// Whether a team on `plan` may have single sign-on. Plans are compared by their letters and digits alone: `Scale Plus`,
    /// `scale-plus` and `SCALE_PLUS` are one.
    #[must_use]
    pub fn allows_plan(&self, plan: &str) -> bool {
        let bare = |text: &str| {
            text.chars().filter(|one| one.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>()
        };
        let plan = bare(plan);
        self.allows_any_plan() || !plan.is_empty() && self.allowed_plans.iter().any(|allowed| bare(allowed) == plan)
    }

    /// Whether plans do not matter.
    #[must_use]
    pub fn allows_any_plan(&self) -> bool {
        self.allowed_plans.iter().any(|plan| plan == "*")
    }

    /// Whether a member with `role` may ask for single sign-on.
    #[must_use]
    pub fn lets_ask(&self, role: &str) -> bool {
        self.requester_roles.iter().any(|allowed| allowed.to_lowercase() == role.to_lowercase())
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            allowed_plans: vec!["Scale Plus".to_owned(), "Enterprise".to_owned()],
            require_team_management: true,
            requester_roles: vec!["admin".to_owned()],
            refuse_public_mailboxes: true,
            refuse_disposable_mailboxes: true,
            public_mailbox_domains: Vec::new(),
            company_domains: Vec::new(),
            require_dns_proof: false,
            max_domains: 50,
        }
    }
}
