//! A client for VMware vSphere: SOAP and REST, sessions, batching, tasks.
//!
//! It is made for many callers in one process: a [`Client`] is cheap to clone, and all clones share one
//! session, one collector for tasks, and the answers to the same question. Reads of single objects that
//! happen at the same time travel together; what everyone reads (roles, custom fields, names and places) is
//! read once until this client writes it.
//!
//! ```no_run
//! # async fn run() -> vsphere_client::Result<()> {
//! use vsphere_client::{Client, Config, Kind};
//! let config = Config::new("vcenter.example.com", "user@vsphere.local", "password".to_string().into());
//! let client = Client::connect(config).await?;
//! let cluster = client.find().object_by_name(Kind::Cluster, "prod", None).await?;
//! println!("{} is {}", cluster.path, cluster.object);
//! client.logout().await
//! # }
//! ```

pub mod alarm;
mod authorization;
mod certificate;
mod client;
pub mod cluster;
pub mod compute;
pub mod compute_policy;
pub mod content_library;
mod core;
pub mod crypto;
pub mod custom_fields;
pub mod customization_spec;
pub mod datacenter;
pub mod datastore;
pub mod device;
pub mod disk_image;
pub mod distributed_switch;
pub mod entity;
mod error;
pub mod file;
mod find;
pub mod first_class_disk;
pub mod folder;
pub mod global_permission;
pub mod host;
pub mod host_network;
pub mod host_settings;
pub mod host_storage;
pub mod ip_pool;
pub mod license;
pub mod lifecycle;
mod lost;
pub mod network;
pub mod ovf;
pub mod policy;
mod property;
pub mod resource_pool;
mod snapshot;
pub mod sso;
pub mod storage_pod;
pub mod supervisor;
mod tags;
mod task;
#[cfg(test)]
mod testing;
pub mod vapp;
pub mod virtual_disk;
pub mod virtual_machine;
pub mod vsan;

pub use crate::core::config::{Config, Persist, Tls};
pub use crate::core::keyed::{KeyedLock, PerKey};
pub use crate::core::property::{PropertyFields, PropertySet};
pub use crate::core::slots::Slots;
pub use authorization::{Authorization, EntityPrivileges, Permission, Principal, Privilege, Role};
pub use client::Client;
pub use custom_fields::CustomFields;
pub use error::{Error, Fault, FaultKind, Missing, Result, TaskFailure};
pub use find::{Area, Find, Found, Kind, escape, readable, same_name, stored_path, unescape};
pub use property::Properties;
pub use tags::{Cardinality, Category, CategorySpec, NotDone, Tag, Tags};
pub use task::{MadeTask, Tasks, pause};
/// The generated types and methods.
pub use vim_types as vim;
pub use vim_types::xml::{ApiVersion, MoRef};
