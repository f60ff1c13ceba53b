//! Compute policies.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::misbehaving_server::{Reply, Server};
use crate::Error;
use crate::compute_policy::ComputePolicy;

const SERVICE: &str = "/api/vcenter/compute/policies";

#[tokio::test]
async fn policies_are_listed_again_after_a_write() {
    let server = Server::start(|s| match s.what.split_once(' ') {
        Some(("POST", "/api/session")) => Some(Reply::Json(200, "\"id\"")),
        Some(("GET", SERVICE)) => {
            Some(Reply::Json(200, r#"[{"policy":"1","name":"web","description":"d","capability":"c"}]"#))
        }
        Some(("POST", SERVICE)) => {
            let spec: serde_json::Value = serde_json::from_str(s.body).unwrap();
            assert_eq!(
                spec,
                serde_json::json!({"capability": "c", "description": "d", "name": "web", "vm_tag": "t"})
            );
            Some(Reply::Json(201, "\"1\""))
        }
        Some(("GET", path)) if path == format!("{SERVICE}/1") => {
            Some(Reply::Json(200, r#"{"name":"web","description":"d","capability":"c","vm_tag":"t"}"#))
        }
        _ => None,
    })
    .await;
    let client = server.connect().await.unwrap();
    let api = client.compute_policies();
    let policy = ComputePolicy {
        name: "web".into(),
        description: "d".into(),
        capability: "c".into(),
        vm_tag: Some("t".into()),
        host_tag: None,
    };
    let list = format!("GET {SERVICE}");
    api.list().await.unwrap();
    api.list().await.unwrap();
    assert_eq!(server.count(&list), 1);
    assert_eq!(api.create(&policy).await.unwrap(), "1");
    assert_eq!(api.list().await.unwrap()[0].id, "1");
    assert_eq!(server.count(&list), 2);
    assert_eq!(api.get("1").await.unwrap(), policy);
}

#[tokio::test]
async fn a_vcenter_without_compute_policies_answers_404() {
    let server = Server::start(|s| match s.what {
        "POST /api/session" => Some(Reply::Json(200, "\"id\"")),
        what if what.contains("/compute/policies") => Some(Reply::Json(404, "{}")),
        _ => None,
    })
    .await;
    let client = server.connect().await.unwrap();
    let error = client.compute_policies().capabilities().await.unwrap_err();
    assert!(matches!(error, Error::Rest { status: 404, .. }), "{error:?}");
}
