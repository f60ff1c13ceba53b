//! `vsphere_virtual_machine`
mod assembly;
mod cdrom;
mod clone;
mod customize;
mod disks;
mod effects;
mod guest;
#[cfg(test)]
mod live;
mod model;
mod network;
mod ovf;
mod place;
mod settings;
mod vapp;
mod video_card;
mod vtpm;

pub use model::VirtualMachineModel;
