//! The image of a cluster: the ESXi version and the components that its hosts are to have. Pure.
use super::{ComputeClusterModel, HostImage};
use tf_framework::{AttributePath, Diagnostics, Value};
use vsphere_client::lifecycle::image::Image;

type M = ComputeClusterModel;

/// What is missing in a block.
pub(super) fn validate(config: &M) -> Diagnostics {
    let mut out = Diagnostics::default();
    let missing = |v: &Value<String>| v.is_null() || v.known().is_some_and(String::is_empty);
    let mut error = |at: AttributePath, name: &str, what: &str| {
        out.merge(Diagnostics::error(at, format!("Missing `{name}`"), format!("Set `{name}` to {what}.")));
    };
    for (i, block) in config.host_image.known().into_iter().flatten().enumerate() {
        let at = AttributePath::from(M::HOST_IMAGE).index(i);
        if missing(&block.esx_version) {
            let what =
                "the version of a base image, as the data source `vsphere_host_base_images` lists them";
            error(at.clone().field(HostImage::ESX_VERSION), "esx_version", what);
        }
        for (k, component) in block.component.known().into_iter().flatten().enumerate() {
            let at = at.clone().field(HostImage::COMPONENT).index(k);
            for (name, v) in [("key", &component.key), ("version", &component.version)] {
                if missing(v) {
                    error(at.clone().name(name), name, "that of a component of a depot");
                }
            }
        }
    }
    out
}

/// The image that a configuration or state has; nothing without a block.
fn declared(m: &M) -> Option<Image> {
    let block = m.host_image.get().into_iter().next()?;
    let components = block.component.get().into_iter();
    Some(Image {
        esx_version: block.esx_version.get(),
        components: components.map(|c| (c.key.get(), c.version.get())).collect(),
    })
}

/// The image to set, and the components to take out of it; nothing if the plan does not change it. Components that the
/// state does not have are left alone.
pub(super) fn change(prior: Option<&M>, plan: &M) -> Option<(Image, Vec<String>)> {
    let (before, wanted) = (prior.and_then(declared), declared(plan)?);
    if before.as_ref() == Some(&wanted) {
        return None;
    }
    let before = before.map(|b| b.components).unwrap_or_default();
    let removed = before.into_keys().filter(|key| !wanted.components.contains_key(key)).collect();
    Some((wanted, removed))
}

/// A block as the cluster has it: the components of the state, in its order.
pub(super) fn observed(state: &HostImage, image: &Image) -> HostImage {
    let mut components = state.component.get();
    components.retain(|c| image.components.contains_key(c.key.as_str()));
    for c in &mut components {
        c.version = image.components.get(c.key.as_str()).cloned().into();
    }
    HostImage { esx_version: image.esx_version.clone().into(), component: components.into() }
}

#[cfg(test)]
mod tests {
    use super::super::HostImageComponent;
    use super::*;

    fn block(version: &str, components: &[(&str, &str)]) -> HostImage {
        let component = |(key, version): &(&str, &str)| HostImageComponent {
            key: (*key).into(),
            version: (*version).into(),
        };
        HostImage {
            esx_version: version.into(),
            component: components.iter().map(component).collect::<Vec<_>>().into(),
        }
    }

    fn model(version: &str, components: &[(&str, &str)]) -> M {
        M { host_image: vec![block(version, components)].into(), ..M::default() }
    }

    #[test]
    fn a_change_takes_out_what_has_left_the_configuration() {
        let (a, b) = (model("8", &[("x", "1"), ("y", "1")]), model("8", &[("y", "2")]));
        assert_eq!(change(Some(&a), &a), None);
        assert_eq!(change(Some(&a), &M::default()), None);
        let (image, removed) = change(Some(&a), &b).unwrap();
        assert_eq!((image.components["y"].as_str(), removed), ("2", vec!["x".to_owned()]));
        assert!(change(None, &a).unwrap().1.is_empty());
    }

    #[test]
    fn components_of_others_are_not_read() {
        let image = declared(&model("9", &[("x", "2"), ("z", "1")])).unwrap();
        let seen = observed(&block("8", &[("y", "1"), ("x", "1")]), &image);
        assert_eq!(seen, block("9", &[("x", "2")]));
    }

    #[test]
    fn what_is_missing_is_named() {
        let at = |m: &M| validate(m).0.iter().map(|d| d.at.to_string()).collect::<Vec<_>>();
        assert_eq!(
            at(&model("", &[("x", "")])),
            ["host_image[0].esx_version", "host_image[0].component[0].version"]
        );
        let mut unknown = model("8", &[("x", "1")]);
        unknown.host_image = unknown.host_image.map(|mut b| {
            b[0].esx_version = Value::Unknown;
            b
        });
        assert!(at(&unknown).is_empty() && at(&M::default()).is_empty());
    }
}
