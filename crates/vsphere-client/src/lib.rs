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

mod authorization;
mod busy;
mod call_log;
mod client;
pub mod cluster;
pub mod compute;
mod config;
pub mod content_library;
pub mod custom_fields;
pub mod customization_spec;
pub mod datacenter;
pub mod datastore;
pub mod device;
pub mod entity;
mod error;
#[cfg(test)]
mod faults;
mod find;
pub mod folder;
mod http;
mod lost;
pub mod network;
pub mod ovf;
pub mod policy;
mod property;
mod proxy;
pub mod resource_pool;
mod rest;
mod session;
mod snapshot;
mod soap;
mod tags;
mod task;
mod tls;
pub mod virtual_disk;
pub mod virtual_machine;
mod watcher;

pub use authorization::{Authorization, EntityPrivileges, Permission, Principal, Privilege, Role};
pub use client::Client;
pub use config::{Config, Persist, Tls};
pub use custom_fields::CustomFields;
pub use datacenter::Area;
pub use error::{Error, Fault, FaultKind, Missing, Result, TaskFailure};
pub use find::{Find, Found, Kind, escape, readable, same_name, stored_path, unescape};
pub use property::{Properties, PropertyFields, PropertySet};
pub use tags::{Cardinality, Category, CategorySpec, NotDone, Tag, Tags};
pub use task::{Tasks, pause};
/// The generated types and methods.
pub use vim_types as vim;
pub use vim_types::xml::{ApiVersion, MoRef};
