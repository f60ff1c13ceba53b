//! Against a simulated vCenter: `VCENTER_SIM_URL=https://user:pass@127.0.0.1:8989 cargo test -- --ignored`.
//! A run without the server counts them as ignored.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod vcenter;

use std::time::Duration;
use vcenter::{config, connect};

use tokio_util::sync::CancellationToken;
use vsphere_client::{
    Area, Cardinality, CategorySpec, Client, Config, Error, FaultKind, Kind, MoRef, Permission, Persist, Tls,
};

fn unique(what: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    format!("{what}-{:x}", now.as_nanos())
}

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn opens_in_two_requests() {
    let client = connect().await;
    assert_eq!(client.request_count(), 2);
    assert!(client.is_vcenter());
    assert!(!client.instance_uuid().is_empty());
    client.logout().await.unwrap();
    assert_eq!(client.request_count(), 3);
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn an_untrusted_certificate_is_named_and_can_be_pinned() {
    let mut config = config();
    config.tls = Tls::SystemRoots { ca_file: None };
    let Err(Error::Tls { thumbprint: Some(thumbprint), .. }) = Client::connect(config.clone()).await else {
        panic!("a self-signed certificate was trusted")
    };
    config.tls = Tls::Thumbprint(thumbprint.replace("A", "B").replace("1", "2"));
    assert!(matches!(Client::connect(config.clone()).await, Err(Error::Tls { .. })));
    config.tls = Tls::Thumbprint(thumbprint.to_lowercase());
    Client::connect(config).await.unwrap().logout().await.unwrap();
}

#[tokio::test]
async fn a_closed_port_is_a_transport_error() {
    let config = Config::new("127.0.0.1:1", "user", "pass".to_owned().into());
    let error = Client::connect(config).await.unwrap_err();
    assert!(matches!(error, Error::Transport { may_have_been_sent: false, .. }), "{error:?}");
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn a_lost_session_is_opened_again() {
    let client = connect().await;
    let key = client.session().unwrap().key;
    client
        .call(&vsphere_client::vim::methods::Logout {
            this: client.service_content().session_manager.clone().unwrap(),
        })
        .await
        .unwrap();
    let authorization = client.authorization();
    let readers = (0..5).map(|_| authorization.role(-1));
    for role in futures_util::future::join_all(readers).await {
        assert_eq!(role.unwrap().unwrap().name, "Admin");
    }
    assert_ne!(client.session().unwrap().key, key);
    client.logout().await.unwrap();
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn a_kept_session_is_used_again() {
    let mut config = config();
    let folder = tempfile::tempdir().unwrap();
    config.persist =
        Some(Persist { vim_path: folder.path().join("vim"), rest_path: folder.path().join("rest") });
    let first = Client::connect(config.clone()).await.unwrap();
    let _ = first.tags().category_by_name("there is none").await.unwrap();
    first.logout().await.unwrap();
    let second = Client::connect(config).await.unwrap();
    assert_eq!(first.session().unwrap().key, second.session().unwrap().key);
    let before = second.request_count();
    let _ = second.tags().category_by_name("there is none").await.unwrap();
    assert!(second.request_count() > before);
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn twenty_roles_cost_one_request() {
    let client = connect().await;
    let before = client.request_count();
    let authorization = client.authorization();
    let roles = futures_util::future::join_all((0..20).map(|_| authorization.role(-1))).await;
    assert!(roles.into_iter().all(|r| r.unwrap().is_some()));
    assert!(client.authorization().role_by_name("Admin").await.unwrap().is_some());
    assert_eq!(client.request_count() - before, 1);
    client.logout().await.unwrap();
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn a_role_lives() {
    let client = connect().await;
    let authorization = client.authorization();
    let name = unique("role");
    let id = authorization.add_role(&name, &["Datastore.AllocateSpace".to_owned()]).await.unwrap();
    let role = authorization.role(id).await.unwrap().unwrap();
    assert_eq!((role.name.as_str(), role.system), (name.as_str(), false));
    assert!(role.privileges.contains(&"Datastore.AllocateSpace".to_owned()));
    let error = authorization.add_role(&name, &[]).await.unwrap_err();
    assert!(matches!(error.fault_kind(), Some(FaultKind::AlreadyExists { .. })), "{error:?}");
    let renamed = unique("renamed");
    authorization.update_role(id, &renamed, &["Datastore.Browse".to_owned()]).await.unwrap();
    assert_eq!(authorization.role(id).await.unwrap().unwrap().name, renamed);
    authorization.remove_role(id, true).await.unwrap();
    assert_eq!(authorization.role(id).await.unwrap(), None);
    client.logout().await.unwrap();
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn permissions_are_read_in_batches() {
    let client = connect().await;
    let folder = client.folders().create(&client.root_folder(), &unique("permissions")).await.unwrap();
    let permission =
        Permission { entity: None, principal: "root".into(), is_group: false, role_id: -1, propagate: true };
    client.authorization().set_permissions(&folder, std::slice::from_ref(&permission)).await.unwrap();
    let direct = client.authorization().direct_permissions(&folder).await.unwrap();
    assert_eq!(direct.len(), 1, "{direct:?}");
    assert_eq!((direct[0].principal.as_str(), direct[0].role_id, direct[0].propagate), ("root", -1, true));
    let listed = client.authorization().permissions(&folder, false).await.unwrap();
    assert_eq!(listed.len(), 1);
    client.authorization().remove_permission(&folder, "root", false).await.unwrap();
    assert!(client.authorization().direct_permissions(&folder).await.unwrap().is_empty());
    client.entities().destroy(&folder, MINUTE, &CancellationToken::new()).await.unwrap();
    client.logout().await.unwrap();
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn one_missing_object_does_not_spoil_the_batch() {
    let client = connect().await;
    let (root, missing) = (client.root_folder(), MoRef::new("Folder", "group-v999999"));
    let entities = client.entities();
    let (a, b, c) = tokio::join!(entities.get(&root), entities.get(&missing), entities.get(&root));
    assert_eq!(a.unwrap().name, "Datacenters");
    let error = b.unwrap_err();
    assert!(error.is_not_found(), "{error:?}");
    c.unwrap();
    client.logout().await.unwrap();
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn finds_by_name_and_path() {
    let client = connect().await;
    let find = client.find();
    let dc = find.object_by_name(Kind::Datacenter, "DC0", None).await.unwrap();
    assert_eq!(dc.path, "/DC0");
    let before = client.request_count();
    let (cluster, store, network, host, pool, vm) = tokio::join!(
        find.object_by_name(Kind::Cluster, "DC0_C0", Some(&dc.object)),
        find.object_by_name(Kind::Datastore, "LocalDS_0", Some(&dc.object)),
        find.object_by_name(Kind::Network, "VM Network", Some(&dc.object)),
        find.object_by_name(Kind::Host, "DC0_H0", Some(&dc.object)),
        find.object_by_name(Kind::ResourcePool, "DC0_C0/Resources", Some(&dc.object)),
        find.object_by_name(Kind::VirtualMachine, "DC0_H0_VM0", Some(&dc.object)),
    );
    assert!(client.request_count() - before <= 6);
    assert_eq!(cluster.unwrap().path, "/host/DC0_C0");
    assert_eq!(&*store.unwrap().object.ty, "Datastore");
    assert_eq!(&*network.unwrap().object.ty, "Network");
    assert_eq!(host.unwrap().path, "/host/DC0_H0/DC0_H0");
    assert_eq!(pool.unwrap().path, "/host/DC0_C0/Resources");
    let vm = vm.unwrap();
    assert_eq!(find.path_of(&vm.object).await.unwrap(), "/DC0/vm/DC0_H0_VM0");
    assert_eq!(find.path_in_datacenter(&vm.object).await.unwrap(), "DC0_H0_VM0");
    assert_eq!(find.datacenter_of(&vm.object).await.unwrap(), Some(dc.object.clone()));
    let missing = find.object_by_name(Kind::Datastore, "nope", Some(&dc.object)).await.unwrap_err();
    assert!(missing.is_not_found());
    let several = find.object_by_name(Kind::ResourcePool, "Resources", None).await.unwrap_err();
    assert!(matches!(several, Error::Ambiguous { ref candidates, .. } if candidates.len() > 1), "{several}");
    let absolute = find.object_by_name(Kind::Datastore, "/DC0/datastore/LocalDS_0", Some(&dc.object)).await;
    absolute.unwrap();
    client.logout().await.unwrap();
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn folders_with_odd_names() {
    let client = connect().await;
    let cancel = CancellationToken::new();
    let dc = client.find().object_by_name(Kind::Datacenter, "DC0", None).await.unwrap().object;
    let vm_folder = client.find().folder(Some((&dc, Area::Vm)), "").await.unwrap();
    let name = format!("{}/b\\c", unique("a"));
    let folder = client.folders().create(&vm_folder, &name).await.unwrap();
    let inner = client.folders().create(&folder, "inner").await.unwrap();
    let path = format!("{}/inner", vsphere_client::escape(&name));
    assert_eq!(client.find().path_in_datacenter(&inner).await.unwrap(), path);
    assert_eq!(client.find().folder(Some((&dc, Area::Vm)), &path).await.unwrap(), inner);
    let error = client.folders().create(&folder, "inner").await.unwrap_err();
    assert!(matches!(error.fault_kind(), Some(FaultKind::DuplicateName { .. })), "{error:?}");
    let children = client.folders().children(&folder).await.unwrap();
    assert_eq!(children.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["inner"]);
    client.entities().rename(&inner, "other", MINUTE, &cancel).await.unwrap();
    assert!(client.find().path_in_datacenter(&inner).await.unwrap().ends_with("/other"));
    client.folders().move_into(&vm_folder, std::slice::from_ref(&inner), MINUTE, &cancel).await.unwrap();
    assert_eq!(client.find().path_in_datacenter(&inner).await.unwrap(), "other");
    client.entities().destroy(&inner, MINUTE, &cancel).await.unwrap();
    client.entities().destroy(&folder, MINUTE, &cancel).await.unwrap();
    client.logout().await.unwrap();
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn tasks_share_one_collector() {
    let client = connect().await;
    let cancel = CancellationToken::new();
    let dc = client.find().object_by_name(Kind::Datacenter, "DC0", None).await.unwrap().object;
    let vm_folder = client.find().folder(Some((&dc, Area::Vm)), "").await.unwrap();
    let names: Vec<String> = (0..20).map(|n| format!("{}-{n}", unique("t"))).collect();
    let folders = client.folders();
    let made = futures_util::future::try_join_all(names.iter().map(|n| folders.create(&vm_folder, n))).await;
    let made = made.unwrap();
    let before = client.request_count();
    let entities = client.entities();
    let destroyed = made.iter().map(|f| entities.destroy(f, MINUTE, &cancel));
    futures_util::future::try_join_all(destroyed).await.unwrap();
    let used = client.request_count() - before;
    assert!(used < 20 * 4, "{used} requests for 20 tasks");
    eprintln!("{used} requests for 20 tasks");
    client.logout().await.unwrap();
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn a_failed_task_says_why() {
    let client = connect().await;
    let cancel = CancellationToken::new();
    let vm = client.find().all(Kind::VirtualMachine, None).await.unwrap().remove(0).object;
    // The machine runs, so it cannot be destroyed.
    let error = client.entities().destroy(&vm, MINUTE, &cancel).await.unwrap_err();
    assert!(matches!(error, Error::Task(_)), "{error:?}");
    assert!(matches!(error.fault_kind(), Some(FaultKind::InvalidPowerState)), "{error:?}");
    client.logout().await.unwrap();
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn resource_pools_live() {
    let client = connect().await;
    let cluster = client.find().object_by_name(Kind::Cluster, "DC0_C0", None).await.unwrap().object;
    let compute: vsphere_client::compute::Compute = client.properties().get(&cluster).await.unwrap();
    let root = compute.resource_pool.unwrap();
    let mut spec = client.resource_pools().get(&root).await.unwrap().config;
    spec.cpu_allocation.reservation = Some(10);
    spec.cpu_allocation.limit = Some(-1);
    let name = unique("pool");
    let pool = client.resource_pools().create(&root, &name, spec.clone()).await.unwrap();
    let read = client.resource_pools().get(&pool).await.unwrap();
    assert_eq!((read.name.as_str(), read.config.cpu_allocation.reservation), (name.as_str(), Some(10)));
    spec.cpu_allocation.reservation = Some(20);
    client.resource_pools().update(&pool, Some("renamed"), Some(spec)).await.unwrap();
    let read = client.resource_pools().get(&pool).await.unwrap();
    assert_eq!((read.name.as_str(), read.config.cpu_allocation.reservation), ("renamed", Some(20)));
    client.entities().destroy(&pool, MINUTE, &CancellationToken::new()).await.unwrap();
    client.logout().await.unwrap();
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn custom_fields_live() {
    let client = connect().await;
    let fields = client.custom_fields();
    let name = unique("field");
    let field = fields.add(&name, Some("Folder")).await.unwrap();
    assert_eq!(field.managed_object_type.as_deref(), Some("Folder"));
    let folder = client.folders().create(&client.root_folder(), &unique("fields")).await.unwrap();
    fields.set_value(&folder, field.key, "a <value>").await.unwrap();
    assert_eq!(fields.values(&folder).await.unwrap(), [(field.key, "a <value>".to_owned())]);
    fields.rename(field.key, &format!("{name}-2")).await.unwrap();
    let known = fields.definitions().await.unwrap();
    assert!(known.iter().any(|d| d.key == field.key && d.name.ends_with("-2")));
    fields.remove(field.key).await.unwrap();
    assert!(!fields.definitions().await.unwrap().iter().any(|d| d.key == field.key));
    client.entities().destroy(&folder, MINUTE, &CancellationToken::new()).await.unwrap();
    client.logout().await.unwrap();
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn tags_live() {
    let client = connect().await;
    let tags = client.tags();
    let mut spec = CategorySpec {
        name: unique("category"),
        description: "d".into(),
        cardinality: Cardinality::Multiple,
        associable_types: vec!["Folder".into()],
    };
    let category = tags.create_category(&spec).await.unwrap();
    let a = tags.create_tag("a", "", &category).await.unwrap();
    let b = tags.create_tag("b", "second", &category).await.unwrap();
    assert_eq!(tags.tag(&b).await.unwrap().description, "second");
    assert_eq!(tags.category_by_name(&spec.name).await.unwrap().unwrap().id, category);
    assert_eq!(tags.tag_by_name("a", &category).await.unwrap().unwrap().id, a);
    assert!(tags.tag_by_name("c", &category).await.unwrap().is_none());
    spec.associable_types = vec!["VirtualMachine".into(), "Folder".into()];
    tags.update_category(&category, &spec).await.unwrap();
    assert_eq!(tags.category(&category).await.unwrap().associable_types.len(), 2);
    tags.update_tag(&a, "a2", "changed").await.unwrap();
    assert_eq!(tags.tag(&a).await.unwrap().name, "a2");

    let root = client.root_folder();
    let folders: Vec<MoRef> = futures_util::future::try_join_all((0..10).map(|n| {
        let (client, root) = (client.clone(), root.clone());
        async move { client.folders().create(&root, &format!("{}-{n}", unique("tagged"))).await }
    }))
    .await
    .unwrap();
    for folder in &folders {
        tags.attach_all(&[a.clone(), b.clone()], folder).await.unwrap();
    }
    let before = client.request_count();
    let attached =
        futures_util::future::try_join_all(folders.iter().map(|f| tags.attached_tags(f))).await.unwrap();
    assert!(attached.iter().all(|t| t.len() == 2));
    assert!(client.request_count() - before <= 2);
    assert_eq!(tags.attached_objects(&a).await.unwrap().len(), 10);
    // One after the other, the first are read each by itself, and then all of them at once.
    let other = connect().await;
    let before = other.request_count();
    for (n, folder) in folders.iter().cycle().take(40).enumerate() {
        assert_eq!(other.tags().attached_tags(folder).await.unwrap().len(), 2, "{n}");
    }
    let requests = other.request_count() - before;
    assert!(requests < 20, "{requests}");
    // What this client changes is read again.
    other.tags().detach(&b, &folders[9]).await.unwrap();
    assert_eq!(other.tags().attached_tags(&folders[9]).await.unwrap(), std::slice::from_ref(&a));
    other.tags().attach(&b, &folders[9]).await.unwrap();
    assert_eq!(other.tags().attached_tags(&folders[9]).await.unwrap().len(), 2);
    other.logout().await.unwrap();
    tags.detach_all(std::slice::from_ref(&a), &folders[0]).await.unwrap();
    tags.detach(&b, &folders[0]).await.unwrap();
    assert!(tags.attached_tags(&folders[0]).await.unwrap().is_empty());
    let on = tags.attached_objects_of(&[a.clone(), b.clone()]).await.unwrap();
    assert_eq!(on[&a].len(), 9);
    let again = tags.create_category(&spec).await.unwrap_err();
    assert!(matches!(&again, Error::Rest { kind, .. } if kind == "ALREADY_EXISTS"), "{again:?}");
    tags.delete_tag(&a).await.unwrap();
    assert!(tags.tag(&a).await.unwrap_err().is_not_found());
    tags.delete_category(&category).await.unwrap();
    let cancel = CancellationToken::new();
    for folder in &folders {
        client.entities().destroy(folder, MINUTE, &cancel).await.unwrap();
    }
    client.logout().await.unwrap();
}

/// What a whole look at a small installation costs: six lookups by name, one category, twenty tags, roles,
/// folders (with path, tags and custom values) and permissions, ten at a time.
#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn a_whole_look_stays_within_its_budget() {
    use futures_util::StreamExt as _;
    const N: usize = 20;
    const BUDGET: u64 = 45;
    let client = connect().await;
    let dc = client.find().object_by_name(Kind::Datacenter, "DC0", None).await.unwrap().object;
    let vm_folder = client.find().folder(Some((&dc, Area::Vm)), "").await.unwrap();
    let spec = CategorySpec {
        name: unique("budget"),
        description: String::new(),
        cardinality: Cardinality::Multiple,
        associable_types: vec![],
    };
    let category = client.tags().create_category(&spec).await.unwrap();
    let (mut tags, mut roles, mut folders) = (vec![], vec![], vec![]);
    for n in 0..N {
        tags.push(client.tags().create_tag(&format!("t{n}"), "", &category).await.unwrap());
        roles.push(client.authorization().add_role(&unique("budget"), &[]).await.unwrap());
        let folder = client.folders().create(&vm_folder, &unique("budget")).await.unwrap();
        client.tags().attach(&tags[n], &folder).await.unwrap();
        let (principal, role_id) = ("root".to_owned(), roles[n]);
        let permission = Permission { entity: None, principal, is_group: false, role_id, propagate: true };
        client.authorization().set_permissions(&folder, &[permission]).await.unwrap();
        folders.push(folder);
    }
    client.logout().await.unwrap();

    let client = connect().await;
    let dc = client.find().object_by_name(Kind::Datacenter, "DC0", None).await.unwrap().object;
    type Job<'a> = std::pin::Pin<Box<dyn Future<Output = ()> + 'a>>;
    let mut jobs: Vec<Job<'_>> = Vec::new();
    let (c, dc) = (&client, &dc);
    jobs.push(Box::pin(async {
        let found = c.find().object_by_name(Kind::Cluster, "DC0_C0", Some(dc)).await.unwrap();
        let _: vsphere_client::compute::Compute = c.properties().get(&found.object).await.unwrap();
    }));
    for (kind, name) in [(Kind::Datastore, "LocalDS_0"), (Kind::Network, "VM Network")] {
        jobs.push(Box::pin(async move {
            c.find().object_by_name(kind, name, Some(dc)).await.unwrap();
        }));
    }
    jobs.push(Box::pin(async {
        c.tags().category(&category).await.unwrap();
    }));
    for id in &tags {
        jobs.push(Box::pin(async move {
            c.tags().tag(id).await.unwrap();
        }));
    }
    for id in &roles {
        jobs.push(Box::pin(async move {
            assert!(c.authorization().role(*id).await.unwrap().is_some());
        }));
    }
    for (folder, tag) in folders.iter().zip(&tags) {
        jobs.push(Box::pin(async move {
            c.folders().get(folder).await.unwrap();
            tokio::time::sleep(Duration::from_millis(1)).await;
            assert!(c.find().path_in_datacenter(folder).await.unwrap().starts_with("budget"));
            assert_eq!(c.tags().attached_tags(folder).await.unwrap(), std::slice::from_ref(tag));
        }));
    }
    for folder in &folders {
        jobs.push(Box::pin(async move {
            assert_eq!(c.authorization().direct_permissions(folder).await.unwrap().len(), 1);
        }));
    }
    // Callers do not come in step.
    let jobs = jobs.into_iter().enumerate().map(|(n, job)| async move {
        tokio::time::sleep(Duration::from_millis(n as u64 * 7 % 4)).await;
        job.await;
    });
    futures_util::stream::iter(jobs).buffer_unordered(10).collect::<Vec<()>>().await;
    client.logout().await.unwrap();
    eprintln!("{} requests for the whole look", client.request_count());
    assert!(client.request_count() <= BUDGET, "{} requests", client.request_count());

    let client = connect().await;
    let cancel = CancellationToken::new();
    for (folder, role) in folders.iter().zip(&roles) {
        client.entities().destroy(folder, MINUTE, &cancel).await.unwrap();
        client.authorization().remove_role(*role, false).await.unwrap();
    }
    client.tags().delete_category(&category).await.unwrap();
    client.logout().await.unwrap();
}
