//! `vsphere_vm_storage_policy`
use crate::common::adopt::create_or_adopt_named;
use crate::common::tagging;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{AttributePath, Cx, Diagnostics, Field, Model, Resource, Result, Value};
use vsphere_client::FaultKind;
use vsphere_client::policy::TagRule;

/// Manages a VM storage policy that selects datastores by their tags.
///
/// Rules of the policy that are not based on tags, such as vSAN rules, are not managed.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_vm_storage_policy", category = "Storage")]
pub struct VmStoragePolicyModel {
    /// The ID of the storage policy, a UUID, for use as a `storage_policy_id`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the storage policy.
    #[tf(required)]
    pub name: Value<String>,
    /// The description of the storage policy.
    #[tf(optional)]
    pub description: Value<String>,
    /// A tag rule. A datastore must comply with all tag rules.
    #[tf(block, min = 1)]
    pub tag_rules: Value<Vec<TagRuleModel>>,
}

/// A rule on the tags of a datastore.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct TagRuleModel {
    /// The name of the tag category.
    #[tf(required)]
    pub tag_category: Value<String>,
    /// The names of the tags.
    #[tf(required, count(1, usize::MAX))]
    pub tags: Value<Vec<String>>,
    /// Whether datastores with at least one of the tags comply. If `false`, datastores with none of the tags comply.
    #[tf(optional, default = true)]
    pub include_datastores_with_tags: Value<bool>,
}

type M = VmStoragePolicyModel;

/// The resource.
#[derive(Debug, Default)]
pub struct VmStoragePolicy;

impl TagRuleModel {
    fn rule(&self) -> TagRule {
        TagRule {
            category: self.tag_category.get(),
            tags: self.tags.get(),
            include: self.include_datastores_with_tags.get(),
        }
    }
}

impl From<TagRule> for TagRuleModel {
    fn from(rule: TagRule) -> Self {
        Self {
            tag_category: rule.category.into(),
            tags: rule.tags.into(),
            include_datastores_with_tags: rule.include.into(),
        }
    }
}

impl M {
    /// A sentence part.
    fn title(&self) -> String {
        format!("the storage policy {:?}", self.name.as_str())
    }

    fn rules(&self) -> Vec<TagRule> {
        self.tag_rules.known().into_iter().flatten().map(TagRuleModel::rule).collect()
    }

    /// Checks that the categories exist, which vCenter does not check. They may be created in the same run, and so the plan
    /// does not check them.
    async fn check(&self, vsphere: &Vsphere) -> Result<()> {
        let mut out = Diagnostics::default();
        for (n, rule) in self.rules().iter().enumerate() {
            let at = AttributePath::from(Self::TAG_RULES).index(n).field(TagRuleModel::TAG_CATEGORY);
            out.merge(tagging::category_named(vsphere, &rule.category, at).await.err().unwrap_or_default());
        }
        out.into_result(())
    }
}

impl Resource for VmStoragePolicy {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the name, or by the ID, a UUID";

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        plan.check(vsphere).await?;
        let (policies, name, rules) = (vsphere.api.policies(), plan.name.as_str(), plan.rules());
        let look = || async { Ok(policies.find(name).await?.map(|p| p.id)) };
        let make = async { policies.create(name, plan.description.as_str(), &rules).await };
        let made = create_or_adopt_named(cx, &plan.title(), look, make).await;
        let id = made.doing_to(format!("create {}", plan.title()), blame)?;
        Ok(M { id: id.into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let read = cx.client().api.policies().get(state.id.as_str()).await;
        let Some(read) = read.doing(format!("read {}", state.title()))? else { return Ok(None) };
        let rules: Vec<TagRuleModel> = read.rules.into_iter().map(Into::into).collect();
        Ok(Some(M {
            id: read.policy.id.into(),
            name: read.policy.name.into(),
            description: read.policy.description.into(),
            tag_rules: rules.into(),
        }))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let rules = (prior.rules() != plan.rules()).then(|| plan.rules());
        if rules.is_some() {
            plan.check(vsphere).await?;
        }
        let policies = vsphere.api.policies();
        let doing = format!("update {}", prior.title());
        let Some(now) = policies.get(plan.id.as_str()).await.doing(&doing)? else {
            let detail =
                "It does not exist, or the user lacks `StorageProfile.View`. Plan again to create it.";
            return Err(Diagnostics::error(AttributePath::root(), format!("Unable to {doing}"), detail));
        };
        let name = (prior.name != plan.name).then(|| plan.name.as_str());
        let text =
            (prior.description.as_str() != plan.description.as_str()).then(|| plan.description.as_str());
        policies.update(&now, name, text, rules.as_deref()).await.doing_to(doing, blame)?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let policies = cx.client().api.policies();
        let doing = format!("delete {}", state.title());
        if policies.get(state.id.as_str()).await.doing(&doing)?.is_none() {
            return Ok(());
        }
        policies.delete(state.id.as_str()).await.doing(doing)
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let all = cx.client().api.policies().list().await.doing("list the storage policies")?;
        let found = all.iter().find(|p| p.id == id).or_else(|| all.iter().find(|p| p.name == id));
        let Some(found) = found else {
            let names = all.iter().map(|p| p.name.clone()).collect();
            let detail = format!("vCenter lists the storage policies {}", crate::nearest::listed(names, id));
            return Err(Diagnostics::error(
                AttributePath::root(),
                format!("Storage policy {id:?} not found"),
                detail,
            ));
        };
        Ok(M { id: found.id.clone().into(), ..M::default() })
    }
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::DuplicateName { .. } => Some(M::NAME),
        FaultKind::InvalidArgument { .. } => Some(M::TAG_RULES),
        _ => None,
    }
}
