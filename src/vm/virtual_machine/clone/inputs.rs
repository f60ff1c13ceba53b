//! Inputs to a creation that are changed afterwards.
use super::super::model::{CloneModel, CustomizeModel, PlacementModel, VirtualMachineModel as M};
use super::at;
use tf_framework::{AttributePath, Block, Diagnostics, Dynamic, Model as _};

/// What is said of a change of what the machine was made from, and where: the machine stays as it is.
pub(in super::super) fn warn_if_changed(prior: &M, config: &M) -> Diagnostics {
    // Without the block before there is nothing to compare: the machine was imported. Without it now, nothing is asked.
    let between = |block: Block, at: AttributePath, all: [Option<Dynamic>; 2]| match all {
        [Some(prior), Some(config)] => changed(&block, &prior, &config, &at),
        _ => vec![],
    };
    let clones = [prior, config].map(|m| m.clone.first().map(tf_framework::Model::write));
    let own = [prior, config].map(|m| m.customize.first().map(tf_framework::Model::write));
    let mut changes = between(CloneModel::block(), at(), clones);
    changes.extend(between(CustomizeModel::block(), M::CUSTOMIZE.index(0), own));
    let places = [prior, config].map(|m| m.placement.first().map(tf_framework::Model::write));
    changes.extend(between(PlacementModel::block(), M::PLACEMENT.index(0), places));
    let Some(first) = changes.first() else { return Diagnostics::default() };
    let names: Vec<String> = changes.iter().map(|at| format!("`{at}`")).collect();
    let detail = format!(
        "{} {} used only when the virtual machine is created. To replace the virtual machine, change `replace_trigger`.",
        names.join(", "),
        if changes.len() == 1 { "is" } else { "are" }
    );
    Diagnostics::warning(first.clone(), "The change has no effect on the existing virtual machine", detail)
}

/// The attributes of a block that a configuration changes. Absent and unknown values are not a change,
/// nor is a timeout, which applies to the next run. Pure.
pub(in super::super) fn changed(
    block: &Block,
    prior: &Dynamic,
    config: &Dynamic,
    at: &AttributePath,
) -> Vec<AttributePath> {
    let mut out = vec![];
    for a in block.attributes.iter().filter(|a| a.name != "timeout") {
        let (was, is) = (prior.get(a.name), config.get(a.name));
        // A zero and what is not set are the same in states of the official provider.
        let nothing = is.is_zero() && (was.is_zero() || a.default.is_some());
        // The disks of a clone that exists are promoted, too.
        let works_later = a.name == CloneModel::PROMOTE_DISKS.0 && !is.is_zero();
        if !is.has_unknown() && is != was && !nothing && !works_later {
            out.push(at.clone().name(a.name));
        }
    }
    for nested in &block.blocks {
        let (was, is) = (prior.get(nested.name).items(), config.get(nested.name));
        let here = at.clone().name(nested.name);
        if is.is_unknown() {
            continue;
        }
        if is.items().len() != was.len() {
            out.push(here);
            continue;
        }
        for (i, (was, is)) in was.iter().zip(is.items()).enumerate() {
            out.extend(changed(&nested.block, was, is, &here.clone().index(i)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vm::customization::{CustomizationModel, LinuxOptionsModel};
    use tf_framework::{Secret, Value};

    fn clone(template: &str) -> CloneModel {
        CloneModel { template_uuid: template.into(), timeout: 30.into(), ..Default::default() }
    }

    fn customized(host: &str, script: Value<Secret>) -> CloneModel {
        let options = LinuxOptionsModel {
            host_name: host.into(),
            domain: "example.com".into(),
            script_text: script,
            ..Default::default()
        };
        let guest = CustomizationModel { linux_options: vec![options].into(), ..Default::default() };
        CloneModel { customize: vec![CustomizeModel { guest, timeout: 10.into() }].into(), ..clone("a") }
    }

    fn own(host: &str) -> M {
        M { customize: customized(host, Value::Null).customize, ..M::default() }
    }

    fn machine(clone: CloneModel) -> M {
        M { clone: vec![clone].into(), ..M::default() }
    }

    #[test]
    fn a_changed_input_is_reported_once_by_name() {
        let secret = || Value::Known(Secret::from("hunter2"));
        let host = "clone[0].customize[0].linux_options[0].host_name";
        for (prior, config, expected) in [
            (machine(clone("a")), machine(clone("a")), None),
            (machine(clone("a")), machine(clone("b")), Some("clone[0].template_uuid")),
            (machine(clone("a")), machine(CloneModel { timeout: 60.into(), ..clone("a") }), None),
            (machine(clone("a")), machine(CloneModel { linked_clone: false.into(), ..clone("a") }), None),
            (
                machine(clone("a")),
                machine(CloneModel { linked_clone: true.into(), ..clone("a") }),
                Some("clone[0].linked_clone"),
            ),
            (machine(clone("a")), machine(CloneModel { template_uuid: Value::Unknown, ..clone("a") }), None),
            (machine(clone("a")), machine(customized("web", Value::Null)), Some("clone[0].customize")),
            (machine(customized("web", Value::Null)), machine(customized("www", Value::Null)), Some(host)),
            (machine(customized("web", secret())), machine(customized("web", secret())), None),
            (M::default(), machine(clone("a")), None),
            (own("web"), own("web"), None),
            (own("web"), own("www"), Some("customize[0].linux_options[0].host_name")),
            (M::default(), own("web"), None),
            (machine(clone("a")), M::default(), None),
        ] {
            let warnings = warn_if_changed(&prior, &config);
            assert!(!warnings.has_errors() && warnings.0.len() <= 1);
            let at = warnings.0.first().map(|d| d.at.to_string());
            assert_eq!(at.as_deref(), expected, "{warnings}");
            assert!(warnings.0.iter().all(|d| d.detail.contains("replace_trigger")), "{warnings}");
        }
        // A secret is named, and its value is not shown.
        let warnings =
            warn_if_changed(&machine(customized("web", secret())), &machine(customized("web", Value::Null)));
        assert!(
            warnings.to_string().contains("script_text") && !warnings.to_string().contains("hunter2"),
            "{warnings}"
        );
    }
}
