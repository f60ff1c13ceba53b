use super::super::model::{CloudInitModel, IgnitionModel};
use super::*;

fn secret(text: &str) -> Value<Secret> {
    Value::Known(text.into())
}

fn machine(c: CloudInitModel) -> M {
    M { name: "web".into(), cloud_init: vec![c].into(), ..M::default() }
}

fn ci() -> CloudInitModel {
    CloudInitModel { instance_id: "i-1".into(), user_data: secret("#cloud-config\n"), ..Default::default() }
}

fn sent(current: &Entries, prior: Option<&M>, plan: &M, config: Option<&M>) -> Vec<(String, String)> {
    let all = options(current, prior, plan, config).unwrap();
    all.into_iter().map(|o| (o.key, o.value.and_then(|v| v.to_text()).unwrap_or_default())).collect()
}

fn keys_of(all: &[(String, String)]) -> Vec<&str> {
    all.iter().map(|(k, _)| k.as_str()).collect()
}

#[test]
fn a_new_virtual_machine_gets_all_parts() {
    let m = machine(CloudInitModel {
        vendor_data: secret("#cloud-config\nx: 1"),
        encoding: "base64".into(),
        ..ci()
    });
    let all = sent(&Entries::new(), None, &m, None);
    assert_eq!(
        keys_of(&all),
        [
            "guestinfo.metadata",
            "guestinfo.metadata.encoding",
            "guestinfo.userdata",
            "guestinfo.userdata.encoding",
            "guestinfo.vendordata",
            "guestinfo.vendordata.encoding"
        ]
    );
    assert_eq!(all[2].1, "I2Nsb3VkLWNvbmZpZwo=");
    assert_eq!(all[3].1, "base64");
    assert!(sent(&all.into_iter().collect(), None, &m, None).is_empty(), "a clone has them already");
}

#[test]
fn only_changed_parts_are_written_and_what_the_guest_put_away_stays_away() {
    let prior = machine(ci());
    let mut there: Entries = sent(&Entries::new(), None, &prior, None).into_iter().collect();
    there.insert("guestinfo.userdata".to_owned(), "---".to_owned());
    there.insert("guestinfo.other".to_owned(), "x".to_owned());
    assert!(sent(&there, Some(&prior), &prior, None).is_empty());
    let renamed = machine(CloudInitModel { hostname: "web".into(), ..ci() });
    assert_eq!(keys_of(&sent(&there, Some(&prior), &renamed, None)), ["guestinfo.metadata"]);
    let other = machine(CloudInitModel { user_data: secret("#cloud-config\ny: 1"), ..ci() });
    assert_eq!(keys_of(&sent(&there, Some(&prior), &other, None)), ["guestinfo.userdata"]);
    let none = M { cloud_init: vec![].into(), ..machine(ci()) };
    let removed = sent(&there, Some(&prior), &none, None);
    assert_eq!(removed.len(), 4);
    assert!(removed.iter().all(|(k, v)| v.is_empty() && k != "guestinfo.other"));
}

#[test]
fn write_only_data_is_written_with_its_version_and_is_in_no_state() {
    let plan_of = |version: i64| {
        machine(CloudInitModel { user_data: Value::Null, user_data_wo_version: version.into(), ..ci() })
    };
    let config =
        |text: &str| machine(CloudInitModel { user_data: Value::Null, user_data_wo: secret(text), ..ci() });
    let first = sent(&Entries::new(), None, &plan_of(1), Some(&config("#cloud-config\na: hunter2")));
    assert!(keys_of(&first).contains(&"guestinfo.userdata"));
    let there: Entries = first.into_iter().collect();
    let again = config("#cloud-config\na: other");
    assert!(sent(&there, Some(&plan_of(1)), &plan_of(1), Some(&again)).is_empty(), "the version decides");
    assert_eq!(keys_of(&sent(&there, Some(&plan_of(1)), &plan_of(2), Some(&again))), ["guestinfo.userdata"]);
    let mut state = config("hunter2");
    observed(&VirtualMachineConfigInfo::default(), &mut state);
    assert!(cloud_init(&state).is_some_and(|c| c.user_data_wo.is_null()));
    assert!(!format!("{:?}", config("hunter2")).contains("hunter2"));
}

#[test]
fn what_is_missing_is_not_in_the_state() {
    let option = |k: &str, v: &str| OptionValue { key: k.to_owned(), value: Some(Any::String(v.to_owned())) };
    let info = |all: Vec<OptionValue>| VirtualMachineConfigInfo { extra_config: all, ..Default::default() };
    let state = machine(CloudInitModel { hostname: "web".into(), ..ci() });
    let mut seen = state.clone();
    let put_away = vec![option("guestinfo.metadata", "x"), option("guestinfo.userdata", "---")];
    observed(&info(put_away), &mut seen);
    assert_eq!(seen, state);
    observed(&info(vec![]), &mut seen);
    let c = cloud_init(&seen).unwrap();
    assert!(c.user_data.is_null() && c.hostname.is_null());
    assert_eq!(c.instance_id.as_str(), "i-1");
}

#[test]
fn the_instance_id_is_stable() {
    let unsaid = |metadata: &str| CloudInitModel {
        instance_id: Value::Null,
        metadata: Some(metadata.to_owned()).filter(|m| !m.is_empty()).into(),
        ..ci()
    };
    let made = M { instance_uuid: "uuid-1".into(), ..M::default() };
    let before = M { instance_uuid: "uuid-1".into(), ..machine(ci()) };
    for (prior, metadata, expected) in [
        (None, "", Value::Unknown),
        (None, "instance-id: own", "own".into()),
        (Some(&made), "", "uuid-1".into()),
        (Some(&before), "", "i-1".into()),
        (Some(&before), "role: web", "i-1".into()),
    ] {
        let config = machine(unsaid(metadata));
        let mut planned = config.clone();
        let _ = plan(prior, &config, &mut planned);
        let found = cloud_init(&planned).unwrap().instance_id.clone();
        assert_eq!(found, expected, "{metadata}");
        let named = with_instance(planned, "new");
        let id = cloud_init(&named).unwrap().instance_id.clone();
        assert_eq!(id, if expected.is_unknown() { "new".into() } else { expected });
    }
}

#[test]
fn properties_are_the_transport_where_they_are_declared() {
    let m = machine(CloudInitModel { transport: "ovf".into(), hostname: "web".into(), ..ci() });
    assert!(sent(&Entries::new(), None, &m, None).is_empty());
    let all = properties(&Entries::new(), None, &m, None).unwrap();
    let ids: Vec<&str> = all.keys().map(String::as_str).collect();
    assert_eq!(ids, ["hostname", "instance-id", "user-data"]);
    // From one to the other: the keys go, and the properties come.
    let before = machine(ci());
    let there: Entries = sent(&Entries::new(), None, &before, None).into_iter().collect();
    assert!(sent(&there, Some(&before), &m, None).iter().all(|(_, v)| v.is_empty()));
    let mut planned = m.clone();
    let effects = plan(Some(&before), &m, &mut planned);
    assert_eq!(effects.power_off.len(), 2);
    assert!(properties(&all, Some(&m), &m, None).unwrap().is_empty());
}

#[test]
fn wrong_blocks_are_refused_with_their_paths() {
    let key = |k: &str| Value::Known([(k.to_owned(), "x".to_owned())].into());
    let ign = |config: &str| M {
        ignition: vec![IgnitionModel { config: secret(config), ..Default::default() }].into(),
        ..M::default()
    };
    for (m, expected) in [
        (machine(ci()), ""),
        (machine(CloudInitModel { user_data_wo: secret("x"), ..ci() }), "cloud_init[0].user_data_wo"),
        (
            machine(CloudInitModel { user_data: Value::Null, user_data_wo: secret("x"), ..ci() }),
            "cloud_init[0].user_data_wo_version",
        ),
        (
            machine(CloudInitModel { transport: "ovf".into(), vendor_data: secret("x"), ..ci() }),
            "cloud_init[0].vendor_data",
        ),
        (machine(CloudInitModel { metadata: "{".into(), ..ci() }), "cloud_init[0].metadata"),
        (machine(CloudInitModel { metadata: "instance-id: b".into(), ..ci() }), "cloud_init[0].instance_id"),
        (
            M { extra_config: key("guestinfo.userdata"), ..machine(ci()) },
            "extra_config[\"guestinfo.userdata\"]",
        ),
        (M { extra_config: key("guestinfo.vendordata"), ..machine(ci()) }, ""),
        (ign("{\"ignition\":{\"version\":\"3.4.0\"}}"), ""),
        (ign("variant: fcos"), "ignition[0].config"),
        (
            M { extra_config: key("guestinfo.ignition.config.data"), ..ign("{}") },
            "extra_config[\"guestinfo.ignition.config.data\"]",
        ),
        (M { ignition: vec![IgnitionModel::default()].into(), ..M::default() }, "ignition[0].config"),
    ] {
        let found = validate(&m);
        let at = found.0.first().map(|d| d.at.to_string()).unwrap_or_default();
        assert_eq!(at, expected, "{found}");
        assert!(!found.to_string().contains("variant"), "a secret is not in a message");
    }
}

#[test]
fn sizes_are_checked() {
    // Random enough that it does not get shorter.
    let mut x = 1_u64;
    let text: String = (0..70_000)
        .map(|_| {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from(b'!' + u8::try_from((x >> 33) % 90).unwrap_or_default())
        })
        .collect();
    for (user, encoding, too_long) in [
        ("a".repeat(70_000), "gzip+base64", false),
        ("a".repeat(70_000), "base64", true),
        (text, "gzip+base64", true),
    ] {
        let m = machine(CloudInitModel { user_data: secret(&user), encoding: encoding.into(), ..ci() });
        let found = plan(None, &m, &mut m.clone());
        assert_eq!(found.diagnostics.has_errors(), too_long);
        if too_long {
            assert_eq!(found.diagnostics.0[0].at.to_string(), "cloud_init[0].user_data");
        }
    }
}
