//! States of older schema versions.
use crate::common::machine::is_uuid;
use serde_json::{Map, Value as Json, json};

/// A state of version 0, 1 or 2 as one of version 3.
///
/// Until version 1 disks and network interfaces were described in ways that say nothing about devices: only what the
/// machine is known by is taken over, and the next read takes the rest from vSphere, as an import does. Version 2 named
/// disks by their files.
pub(super) fn upgrade(version: i64, state: Json) -> Json {
    match version {
        0 | 1 => begun(&state),
        2 => labeled(state),
        _ => state,
    }
}

fn text<'a>(state: &'a Json, key: &str) -> &'a str {
    state.get(key).and_then(Json::as_str).unwrap_or_default()
}

fn begun(state: &Json) -> Json {
    let id = text(state, "id");
    if is_uuid(id) {
        return json!({ "id": id, "uuid": id, "moid": state.get("moid") });
    }
    // Version 0 had the path below the folder of virtual machines.
    let datacenter = text(state, "datacenter").trim_matches('/');
    let path = if id.starts_with('/') || datacenter.is_empty() {
        id.to_owned()
    } else {
        format!("/{datacenter}/vm/{}", id.trim_matches('/'))
    };
    json!({ "id": path })
}

fn labeled(mut state: Json) -> Json {
    let Some(disks) = state.get_mut("disk").and_then(Json::as_array_mut) else { return state };
    for (n, disk) in disks.iter_mut().filter_map(Json::as_object_mut).enumerate() {
        let name = disk.remove("name").filter(|v| v.as_str().is_some_and(|s| !s.is_empty()));
        if let Some(name) = &name
            && empty(disk, "path")
        {
            disk.insert("path".to_owned(), name.clone());
        }
        if empty(disk, "label") {
            let label = name.unwrap_or_else(|| json!(format!("disk{n}")));
            disk.insert("label".to_owned(), label);
        }
    }
    state
}

fn empty(disk: &Map<String, Json>, key: &str) -> bool {
    disk.get(key).and_then(Json::as_str).is_none_or(str::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "0d2dc542-8cc4-54b5-a0a6-7fd84ec2a028";

    #[test]
    fn what_a_machine_is_known_by_stays() {
        let v0 = json!({ "id": "team/web", "datacenter": "dc1", "disk": [{ "size": 10 }], "vcpu": 2 });
        assert_eq!(upgrade(0, v0), json!({ "id": "/dc1/vm/team/web" }));
        let v1 = json!({ "id": UUID, "moid": "vm-7", "memory": 1024 });
        assert_eq!(upgrade(1, v1), json!({ "id": UUID, "uuid": UUID, "moid": "vm-7" }));
    }

    #[test]
    fn disks_get_labels() {
        let v2 = json!({ "id": UUID, "memory": 1024, "disk": [
            { "name": "web.vmdk", "size": 10 },
            { "label": "data", "path": "web/web_1.vmdk", "name": "" },
            { "size": 1 },
        ] });
        let disks = json!([
            { "label": "web.vmdk", "path": "web.vmdk", "size": 10 },
            { "label": "data", "path": "web/web_1.vmdk" },
            { "label": "disk2", "size": 1 },
        ]);
        assert_eq!(upgrade(2, v2), json!({ "id": UUID, "memory": 1024, "disk": disks }));
        let v3 = json!({ "id": UUID });
        assert_eq!(upgrade(3, v3.clone()), v3);
    }
}
