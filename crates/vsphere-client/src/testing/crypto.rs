//! Key providers.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::misbehaving_server::{Reply, Seen, Server, fault, response};
use crate::crypto::{KeyServer, ProviderType};
use crate::{Error, FaultKind};

const PROVIDERS: &str = "POST /api/vcenter/crypto-manager/kms/providers";

fn provider(id: &str, fields: &str) -> String {
    format!(
        "<returnval><clusterId><id>{id}</id></clusterId><servers><name>kms-a</name><address>kms-a.example.com</address>\
         <port>5696</port><proxyAddress></proxyAddress><proxyPort>0</proxyPort><userName></userName></servers>{fields}\
         </returnval>"
    )
}

fn list() -> Reply {
    let native = "<useAsDefault>false</useAsDefault><managementType>nativeProvider</managementType><hasBackup>true</hasBackup>\
                  <keyId>k</keyId>";
    let old = "<useAsDefault>true</useAsDefault>";
    let other = "<useAsDefault>false</useAsDefault><managementType>trustAuthority</managementType>";
    let all = [provider("native", native), provider("old", old), provider("trusted", other)].concat();
    response("ListKmipServers", &all)
}

#[tokio::test]
async fn providers_are_listed_once_for_many_and_again_after_a_write() {
    let server = Server::start(|s| match s.what {
        "ListKmipServers" => Some(Reply::Slow(Box::new(list()))),
        "POST /api/session" => Some(Reply::Json(200, "\"id\"")),
        PROVIDERS => Some(Reply::Json(204, "")),
        _ => None,
    })
    .await;
    let client = server.connect().await.unwrap();
    let api = client.key_providers();
    let (a, b) = tokio::join!(api.list(), api.list());
    assert_eq!(a.unwrap(), b.unwrap());
    let all = api.list().await.unwrap();
    assert_eq!(server.count("ListKmipServers"), 1);
    let types: Vec<_> = all.iter().map(|p| (p.ty.clone(), p.is_default, p.has_backup)).collect();
    assert_eq!(
        types,
        [
            (ProviderType::Native, false, true),
            (ProviderType::Standard, true, false),
            (ProviderType::Other("trustAuthority".to_owned()), false, false),
        ]
    );
    // What is not set is empty or zero on the wire.
    let server_a = KeyServer {
        name: "kms-a".to_owned(),
        address: "kms-a.example.com".to_owned(),
        port: 5696,
        ..KeyServer::default()
    };
    assert_eq!(all[1].servers, [server_a]);
    assert_eq!((all[0].key_id.as_deref(), all[1].key_id.as_deref()), (Some("k"), None));

    api.make_default("native").await.unwrap();
    api.list().await.unwrap();
    api.create_native("other", false).await.unwrap();
    api.list().await.unwrap();
    assert_eq!(server.count("ListKmipServers"), 3);
    assert!(api.get_now("old").await.unwrap().is_some() && api.get_now("none").await.unwrap().is_none());
    assert_eq!(server.count("ListKmipServers"), 5);
}

#[tokio::test]
async fn the_default_is_set_and_removed() {
    let server = Server::start(|s| {
        match s.what {
            "MarkDefault" => assert!(s.body.contains("<clusterId><id>native</id></clusterId>"), "{}", s.body),
            "SetDefaultKmsCluster" => assert!(!s.body.contains("clusterId"), "{}", s.body),
            _ => {}
        }
        None
    })
    .await;
    let client = server.connect().await.unwrap();
    client.key_providers().make_default("native").await.unwrap();
    client.key_providers().unset_default().await.unwrap();
    assert_eq!((server.count("MarkDefault"), server.count("SetDefaultKmsCluster")), (1, 1));
}

fn object(id: &str, property: &str, value: &str) -> String {
    let value = if value.is_empty() {
        String::new()
    } else {
        format!("<propSet><name>{property}</name>{value}</propSet>")
    };
    format!(
        "<objects><obj type=\"VirtualMachine\">{id}</obj><propSet><name>name</name>\
         <val xsi:type=\"xsd:string\">{id}%2fx</val></propSet>{value}</objects>"
    )
}

fn key(provider: &str) -> String {
    format!("<keyId>k</keyId><providerId><id>{provider}</id></providerId>")
}

fn disk(provider: &str) -> String {
    format!(
        "<VirtualDevice xsi:type=\"VirtualDisk\"><key>2000</key><backing xsi:type=\"VirtualDiskFlatVer2BackingInfo\">\
         <fileName>f</fileName><diskMode>persistent</diskMode><keyId>{}</keyId></backing><capacityInKB>1</capacityInKB>\
         </VirtualDevice>",
        key(provider)
    )
}

/// `home` is encrypted with a key of the key provider, `disk` has a disk that is, `other` is encrypted with another one, and
/// `plain` is not encrypted.
fn machines(s: &Seen<'_>) -> Option<Reply> {
    (s.what == "RetrievePropertiesEx").then(|| {
        let of = |all: &[(&str, &str, String)]| -> String {
            let asked = all.iter().filter(|(id, ..)| s.body.contains(&format!(">{id}<")));
            asked.map(|(id, property, value)| object(id, property, value)).collect()
        };
        let found = if s.body.contains("config.hardware.device") {
            assert!(!s.body.contains(">plain<"), "the devices of a plain machine are of no use");
            let devices = |disk: String| format!("<val xsi:type=\"ArrayOfVirtualDevice\">{disk}</val>");
            of(&[
                ("disk", "config.hardware.device", devices(disk("gold"))),
                ("other", "config.hardware.device", devices(disk("silver"))),
            ])
        } else if s.body.contains("config.keyId") {
            let key = |provider| format!("<val xsi:type=\"CryptoKeyId\">{}</val>", key(provider));
            of(&[
                ("home", "config.keyId", key("gold")),
                ("disk", "config.keyId", key("silver")),
                ("other", "config.keyId", key("silver")),
                ("plain", "config.keyId", String::new()),
            ])
        } else {
            ["home", "disk", "other", "plain"].map(|id| object(id, "", "")).concat()
        };
        response(s.what, &format!("<returnval>{found}</returnval>"))
    })
}

#[tokio::test]
async fn a_provider_is_in_use_by_a_home_or_by_a_disk() {
    let server = Server::start(machines).await;
    let client = server.connect().await.unwrap();
    let users = async |provider: &str| {
        let mut all = client.key_providers().users(provider).await.unwrap();
        all.sort();
        all
    };
    assert_eq!(users("gold").await, ["disk/x", "home/x"]);
    assert_eq!(users("silver").await, ["disk/x", "other/x"]);
    assert!(users("bronze").await.is_empty());
}

#[tokio::test]
async fn errors_say_what_is_missing() {
    let server = Server::start(|s| match s.what {
        "ListKmipServers" => Some(fault(
            "NoPermission",
            "<object type=\"Folder\">f</object><privilegeId>Cryptographer.ManageKeyServers</privilegeId>",
        )),
        "POST /api/session" => Some(Reply::Json(200, "\"id\"")),
        PROVIDERS => Some(Reply::Json(
            400,
            r#"{"error_type":"ALREADY_EXISTS","messages":[{"id":"x","default_message":"The provider exists.","args":[]}]}"#,
        )),
        "DELETE /api/vcenter/crypto-manager/kms/providers/a%2Fb" => {
            Some(Reply::Json(404, r#"{"error_type":"NOT_FOUND","messages":[]}"#))
        }
        _ => None,
    })
    .await;
    let client = server.connect().await.unwrap();
    let api = client.key_providers();
    let error = api.list().await.unwrap_err();
    assert!(matches!(error.fault_kind(), Some(FaultKind::NoPermission { .. })), "{error:?}");
    let text = error.fault().unwrap().to_string();
    assert!(text.contains("Cryptographer.ManageKeyServers is missing on Folder:f"), "{text}");
    let error = api.create_native("native", true).await.unwrap_err();
    assert!(matches!(&error, Error::Rest { kind, .. } if kind == "ALREADY_EXISTS"), "{error:?}");
    assert!(error.to_string().contains("The provider exists."), "{error}");
    assert!(api.delete_native("a/b").await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_host_does_not_have_key_providers() {
    let server = Server::start(|s| {
        let about = "<about><apiType>HostAgent</apiType><apiVersion>8.0.2.0</apiVersion></about>";
        let content = format!(
            "<returnval><rootFolder type=\"Folder\">f</rootFolder><propertyCollector type=\"PropertyCollector\">pc\
             </propertyCollector>{about}<sessionManager type=\"SessionManager\">s</sessionManager></returnval>"
        );
        (s.what == "RetrieveServiceContent").then(|| response(s.what, &content))
    })
    .await;
    let client = server.connect().await.unwrap();
    let error = client.key_providers().list().await.unwrap_err();
    assert!(matches!(error, Error::NotVCenter { .. }), "{error:?}");
}
