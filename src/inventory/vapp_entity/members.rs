//! The list of the members of a vApp, with one that is changed. Pure.
use vsphere_client::vim::types::VAppEntityConfigInfo;

/// The list with that member in the place of the one with its key, or at the end. What the provider has no argument for
/// stays.
pub(super) fn with(all: &[VAppEntityConfigInfo], wanted: VAppEntityConfigInfo) -> Vec<VAppEntityConfigInfo> {
    let mut out = all.to_vec();
    match out.iter_mut().find(|m| m.key == wanted.key) {
        Some(member) => {
            let (tag, destroy_with_parent) = (member.tag.take(), member.destroy_with_parent);
            *member = VAppEntityConfigInfo { tag, destroy_with_parent, ..wanted };
        }
        None => out.push(wanted),
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use vsphere_client::MoRef;

    #[test]
    fn other_members_and_what_has_no_argument_stay() {
        let member = |id: &str, order| VAppEntityConfigInfo {
            key: Some(MoRef::new("VirtualMachine", id)),
            start_order: Some(order),
            ..Default::default()
        };
        let tagged = VAppEntityConfigInfo { tag: Some("web".to_owned()), ..member("vm-1", 1) };
        let all = [tagged.clone(), member("vm-2", 2)];
        let changed = VAppEntityConfigInfo { start_order: Some(3), ..tagged.clone() };
        assert_eq!(with(&all, member("vm-1", 3)), [changed, member("vm-2", 2)]);
        assert_eq!(with(&all, member("vm-3", 1)), [tagged, member("vm-2", 2), member("vm-3", 1)]);
    }
}
