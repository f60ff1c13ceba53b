//! Users and groups of vCenter Single Sign-On, and who is in which group. Needs the administrator of single sign-on.
//!
//! No error and no log of this file has a password.

use std::fmt;

use tokio::sync::OnceCell;
use vim_types::methods::{
    AddGroupsToLocalGroup, AddUsersToLocalGroup, CreateLocalGroup, CreateLocalPersonUser,
    DeleteLocalPrincipal, FindGroup, FindGroupsInGroup, FindPersonUser, FindUser, FindUsersInGroup,
    GetLocalPasswordPolicy, QueryOptions, RemovePrincipalsFromLocalGroup, ResetLocalPersonUserPassword,
    UpdateLocalGroupDetails, UpdateLocalPersonUserDetails,
};
use vim_types::types::{
    SsoAdminGroup, SsoAdminGroupDetails, SsoAdminPasswordPolicy, SsoAdminPersonDetails, SsoAdminPersonUser,
    SsoAdminServiceContent, SsoPrincipalId,
};
use vim_types::xml::{Dyn, Secret};

use crate::client::Client;
use crate::core::sso::SsoSession;
use crate::error::{Error, Fault, FaultKind, Result};

/// The domain of single sign-on, where the server does not say which it is.
const USUAL_DOMAIN: &str = "vsphere.local";
/// Where the server has the address of the administration, which ends with the domain.
const ADDRESS: &str = "config.vpxd.sso.admin.uri";

/// A user or a group. Names and domains are the same in upper and lower case.
#[derive(Clone, Debug, Default)]
pub struct PrincipalId {
    /// The name.
    pub name: String,
    /// The domain of the identity source.
    pub domain: String,
}

impl PrincipalId {
    /// A principal of a domain.
    pub fn new(name: impl Into<String>, domain: impl Into<String>) -> Self {
        PrincipalId { name: name.into(), domain: domain.into() }
    }

    fn key(&self) -> (String, String) {
        (self.domain.to_lowercase(), self.name.to_lowercase())
    }
}

impl PartialEq for PrincipalId {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for PrincipalId {}

impl fmt::Display for PrincipalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.domain)
    }
}

impl From<&PrincipalId> for SsoPrincipalId {
    fn from(id: &PrincipalId) -> Self {
        SsoPrincipalId { name: id.name.clone(), domain: id.domain.clone() }
    }
}

impl From<SsoPrincipalId> for PrincipalId {
    fn from(id: SsoPrincipalId) -> Self {
        PrincipalId { name: id.name, domain: id.domain }
    }
}

/// What describes a user. What is empty is not set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonDetails {
    /// The description.
    pub description: String,
    /// The email address.
    pub email_address: String,
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
}

impl From<&PersonDetails> for SsoAdminPersonDetails {
    fn from(details: &PersonDetails) -> Self {
        let text = |text: &String| Some(text.clone()).filter(|t| !t.is_empty());
        SsoAdminPersonDetails {
            description: text(&details.description),
            email_address: text(&details.email_address),
            first_name: text(&details.first_name),
            last_name: text(&details.last_name),
        }
    }
}

/// A user who is a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonUser {
    /// The name and the domain.
    pub id: PrincipalId,
    /// What describes the user.
    pub details: PersonDetails,
}

impl From<SsoAdminPersonUser> for PersonUser {
    fn from(user: SsoAdminPersonUser) -> Self {
        let details = user.details;
        PersonUser {
            id: user.id.into(),
            details: PersonDetails {
                description: details.description.unwrap_or_default(),
                email_address: details.email_address.unwrap_or_default(),
                first_name: details.first_name.unwrap_or_default(),
                last_name: details.last_name.unwrap_or_default(),
            },
        }
    }
}

/// A group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// The name and the domain.
    pub id: PrincipalId,
    /// The description.
    pub description: String,
}

impl From<SsoAdminGroup> for Group {
    fn from(group: SsoAdminGroup) -> Self {
        Group { id: group.id.into(), description: group.details.description.unwrap_or_default() }
    }
}

/// Which of the two kinds a member of a group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberKind {
    /// A user.
    User,
    /// A group.
    Group,
}

/// What a password must have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PasswordPolicy(SsoPolicy);

type SsoPolicy = Vec<(i32, &'static str)>;

impl From<SsoAdminPasswordPolicy> for PasswordPolicy {
    fn from(policy: SsoAdminPasswordPolicy) -> Self {
        let format = policy.password_format;
        let (length, letters) = (format.length_restriction, format.alphabetic_restriction);
        PasswordPolicy(vec![
            (length.min_length, "characters at least"),
            (length.max_length, "characters at most"),
            (letters.min_alphabetic_count, "letters"),
            (letters.min_uppercase_count, "uppercase letters"),
            (letters.min_lowercase_count, "lowercase letters"),
            (format.min_numeric_count, "digits"),
            (format.min_special_char_count, "special characters"),
            (format.max_identical_adjacent_characters, "identical adjacent characters at most"),
            (policy.prohibited_previous_passwords_count, "previous passwords that are not accepted"),
        ])
    }
}

impl fmt::Display for PasswordPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.0.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts.map(|(count, what)| format!("{what}: {count}")).collect();
        f.write_str(&parts.join(", "))
    }
}

/// Users and groups of single sign-on; from [`Client::sso`].
pub struct Sso<'a> {
    client: &'a Client,
}

/// The domain of single sign-on, where the server says which it is.
#[derive(Default)]
struct Domain(OnceCell<Option<String>>);

impl Client {
    /// Users and groups of single sign-on.
    pub fn sso(&self) -> Sso<'_> {
        Sso { client: self }
    }
}

impl Sso<'_> {
    /// The local domain: users and groups can be created, changed and deleted in it only. `None`: the server does not
    /// say which it is. It is asked for once.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn known_domain(&self) -> Result<Option<String>> {
        let core = self.client.core();
        let ask = || async {
            let Some(this) = self.client.service_content().setting.clone() else { return Ok(None) };
            let request = QueryOptions { this, name: Some(ADDRESS.to_owned()) };
            let found = match self.client.call(&request).await {
                Ok(found) => found,
                // It is not set, or the user may not read it.
                Err(Error::Fault { .. }) => return Ok(None),
                Err(error) => return Err(error),
            };
            let option = found.into_iter().find(|option| option.key == ADDRESS);
            let domain = option.and_then(|option| domain_of(&option.value?.to_text()?));
            if let Some(domain) = &domain {
                core.slot::<SsoSession>().set_domain(domain);
            }
            Ok(domain)
        };
        let domain = core.slot::<Domain>();
        domain.0.get_or_try_init(ask).await.cloned()
    }

    /// The local domain; `vsphere.local` where the server does not say.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn domain(&self) -> Result<String> {
        Ok(self.known_domain().await?.unwrap_or_else(|| USUAL_DOMAIN.to_owned()))
    }

    /// The services' objects, with a session.
    async fn content(&self) -> Result<SsoAdminServiceContent> {
        self.known_domain().await?;
        self.client.core().sso_content().await
    }

    /// A user who is a person; `None` if there is none of that name.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn person(&self, id: &PrincipalId) -> Result<Option<PersonUser>> {
        let this = self.content().await?.principal_discovery_service;
        let found = self.client.call(&FindPersonUser { this, user_id: id.into() }).await;
        Ok(or_none(found)?.map(|user| (*user).into()))
    }

    /// A group; `None` if there is none of that name.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn group(&self, id: &PrincipalId) -> Result<Option<Group>> {
        let this = self.content().await?.principal_discovery_service;
        let found = self.client.call(&FindGroup { this, group_id: id.into() }).await;
        Ok(or_none(found)?.map(|group| (*group).into()))
    }

    /// Whether a user (a person or a solution) or a group exists.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn exists(&self, id: &PrincipalId, kind: MemberKind) -> Result<bool> {
        if kind == MemberKind::Group {
            return Ok(self.group(id).await?.is_some());
        }
        let this = self.content().await?.principal_discovery_service;
        Ok(or_none(self.client.call(&FindUser { this, user_id: id.into() }).await)?.is_some())
    }

    /// The users or the groups that are in a group themselves, in the order of the server.
    ///
    /// # Errors
    /// Those of any call, also that there is no such group.
    pub async fn members(&self, group: &PrincipalId, kind: MemberKind) -> Result<Vec<PrincipalId>> {
        let this = self.content().await?.principal_discovery_service;
        let (group_id, search_string, limit) = (group.into(), String::new(), i32::MAX);
        Ok(match kind {
            MemberKind::User => {
                let request = FindUsersInGroup { this, group_id, search_string, limit };
                self.client.call(&request).await?.into_iter().map(|user| user.id.into()).collect()
            }
            MemberKind::Group => {
                let request = FindGroupsInGroup { this, group_id, search_string, limit };
                self.client.call(&request).await?.into_iter().map(|group| group.id.into()).collect()
            }
        })
    }

    /// Creates a user in the local domain.
    ///
    /// # Errors
    /// Those of any call, also that the name is taken or that the password does not meet the policy.
    pub async fn create_person(&self, name: &str, details: &PersonDetails, password: &Secret) -> Result<()> {
        let request = CreateLocalPersonUser {
            this: self.content().await?.principal_management_service,
            user_name: name.to_owned(),
            user_details: details.into(),
            password: password.clone(),
        };
        self.client.call(&request).await.map_err(|error| without(error, password))
    }

    /// Sets what describes a user of the local domain.
    ///
    /// # Errors
    /// Those of any call, also that there is no such user.
    pub async fn update_person(&self, name: &str, details: &PersonDetails) -> Result<()> {
        let request = UpdateLocalPersonUserDetails {
            this: self.content().await?.principal_management_service,
            user_name: name.to_owned(),
            user_details: details.into(),
        };
        self.client.call(&request).await
    }

    /// Sets the password of a user of the local domain.
    ///
    /// # Errors
    /// Those of any call, also that there is no such user or that the password does not meet the policy.
    pub async fn reset_password(&self, name: &str, password: &Secret) -> Result<()> {
        let request = ResetLocalPersonUserPassword {
            this: self.content().await?.principal_management_service,
            user_name: name.to_owned(),
            new_password: password.clone(),
        };
        self.client.call(&request).await.map_err(|error| without(error, password))
    }

    /// Creates a group in the local domain.
    ///
    /// # Errors
    /// Those of any call, also that the name is taken.
    pub async fn create_group(&self, name: &str, description: &str) -> Result<()> {
        let request = CreateLocalGroup {
            this: self.content().await?.principal_management_service,
            group_name: name.to_owned(),
            group_details: group_details(description),
        };
        self.client.call(&request).await
    }

    /// Sets the description of a group of the local domain.
    ///
    /// # Errors
    /// Those of any call, also that there is no such group.
    pub async fn update_group(&self, name: &str, description: &str) -> Result<()> {
        let request = UpdateLocalGroupDetails {
            this: self.content().await?.principal_management_service,
            group_name: name.to_owned(),
            group_details: group_details(description),
        };
        self.client.call(&request).await
    }

    /// Deletes a user or a group of the local domain. One that does not exist is a success.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn delete(&self, name: &str) -> Result<()> {
        let this = self.content().await?.principal_management_service;
        let request = DeleteLocalPrincipal { this, principal_name: name.to_owned() };
        match self.client.call(&request).await {
            Err(error) if is_absent(&error) => Ok(()),
            result => result,
        }
    }

    /// Adds users or groups to a group of the local domain. Those that are in it already are a success.
    ///
    /// # Errors
    /// Those of any call, also that the group or a member does not exist.
    pub async fn add_members(&self, group: &str, kind: MemberKind, members: &[PrincipalId]) -> Result<()> {
        if members.is_empty() {
            return Ok(());
        }
        let this = self.content().await?.principal_management_service;
        let (ids, group_name) = (members.iter().map(SsoPrincipalId::from).collect(), group.to_owned());
        match kind {
            MemberKind::User => {
                self.client.call(&AddUsersToLocalGroup { this, user_ids: ids, group_name }).await?;
            }
            MemberKind::Group => {
                self.client.call(&AddGroupsToLocalGroup { this, group_ids: ids, group_name }).await?;
            }
        }
        Ok(())
    }

    /// Removes users or groups from a group of the local domain. Those that are not in it are a success, and so is a
    /// group that does not exist.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn remove_members(
        &self,
        group: &PrincipalId,
        kind: MemberKind,
        members: &[PrincipalId],
    ) -> Result<()> {
        if members.is_empty() {
            return Ok(());
        }
        let request = RemovePrincipalsFromLocalGroup {
            this: self.content().await?.principal_management_service,
            principals_ids: members.iter().map(SsoPrincipalId::from).collect(),
            group_name: group.name.clone(),
        };
        let error = match self.client.call(&request).await {
            Err(error) if is_absent(&error) => error,
            result => return result.map(|_| ()),
        };
        // One of them was deleted, or the group was. The server does not always say which.
        if self.group(group).await?.is_none() {
            return Ok(());
        }
        let left = self.members(group, kind).await?;
        let left: Vec<_> = left.iter().filter(|id| members.contains(id)).collect();
        if left.is_empty() {
            return Ok(());
        }
        if members.len() == 1 {
            return Err(error);
        }
        for id in left {
            Box::pin(self.remove_members(group, kind, std::slice::from_ref(id))).await?;
        }
        Ok(())
    }

    /// What the passwords of users of the local domain must have.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn password_policy(&self) -> Result<PasswordPolicy> {
        let this = self.content().await?.password_policy_service;
        Ok(self.client.call(&GetLocalPasswordPolicy { this }).await?.into())
    }
}

fn group_details(description: &str) -> SsoAdminGroupDetails {
    SsoAdminGroupDetails { description: Some(description.to_owned()).filter(|text| !text.is_empty()) }
}

/// The domain in the address of the administration: what is behind `/sdk/`.
fn domain_of(address: &str) -> Option<String> {
    let (_, domain) = address.split_once("/sdk/")?;
    let domain = domain.trim_end_matches('/');
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    (!domain.is_empty() && domain.chars().all(is_name)).then(|| domain.to_owned())
}

/// Whether an error says that a user or a group does not exist. Servers say so with `SsoFaultInvalidPrincipalFault`.
fn is_absent(error: &Error) -> bool {
    error.is_not_found() || error.fault().is_some_and(|fault| fault.name.contains("InvalidPrincipal"))
}

/// What was looked for; nothing where the server answers that it does not exist.
fn or_none<T>(found: Result<Option<T>>) -> Result<Option<T>> {
    match found {
        Err(error) if is_absent(&error) => Ok(None),
        found => found,
    }
}

/// The error without a password that the server may have put into its message.
fn without(error: Error, password: &Secret) -> Error {
    match error {
        Error::Fault { method, mut fault } if !password.expose().is_empty() => {
            fault.message = fault.message.replace(password.expose(), "***");
            if fault.kind == FaultKind::Other {
                *fault = Fault { detail: Dyn::default(), ..*fault };
            }
            Error::Fault { method, fault }
        }
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domain_is_the_end_of_the_address() {
        for (address, domain) in [
            ("https://vc.example.com/sso-adminserver/sdk/vsphere.local", Some("vsphere.local")),
            ("https://vc.example.com:443/sso-adminserver/sdk/my-sso.corp/", Some("my-sso.corp")),
            ("https://vc.example.com/sso-adminserver/sdk", None),
            ("https://vc.example.com/sso-adminserver/sdk/a/b", None),
            ("", None),
        ] {
            assert_eq!(domain_of(address).as_deref(), domain, "{address}");
        }
    }

    #[test]
    fn principals_are_the_same_in_upper_and_lower_case() {
        assert_eq!(PrincipalId::new("Ann", "VSPHERE.LOCAL"), PrincipalId::new("ann", "vsphere.local"));
        assert_ne!(PrincipalId::new("ann", "corp.example"), PrincipalId::new("ann", "vsphere.local"));
    }

    #[test]
    fn no_error_has_the_password() {
        let password = Secret::new("hunter2");
        let detail = Dyn { text: "hunter2".to_owned(), ..Dyn::default() };
        let fault = Fault::new("SsoAdminFaultPasswordPolicyViolation", "hunter2 is too short", detail);
        let error = without(Error::Fault { method: "x", fault: Box::new(fault) }, &password);
        assert!(!format!("{error:?} {}", error.in_one_line()).contains("hunter2"));
        assert_eq!(error.fault().unwrap().message, "*** is too short");
    }

    #[test]
    fn a_policy_is_what_it_demands() {
        let mut policy = SsoAdminPasswordPolicy::default();
        policy.password_format.length_restriction.min_length = 8;
        policy.password_format.min_numeric_count = 1;
        assert_eq!(PasswordPolicy::from(policy).to_string(), "characters at least: 8, digits: 1");
    }
}
