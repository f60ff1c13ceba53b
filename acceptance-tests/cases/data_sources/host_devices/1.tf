data "vsphere_datacenter" "dc" {
  name = "DC0"
}
data "vsphere_host" "h" {
  name          = "DC0_H0"
  datacenter_id = data.vsphere_datacenter.dc.id
}
data "vsphere_host_pci_device" "vga" {
  host_id  = data.vsphere_host.h.id
  class_id = "300"
}
data "vsphere_host_pci_device" "same" {
  host_id    = data.vsphere_host.h.id
  name_regex = substr(data.vsphere_host_pci_device.vga.name, 0, 4)
  class_id   = "0x0300"
}
data "vsphere_host_vgpu_profile" "all" {
  host_id = data.vsphere_host.h.id
}
data "vsphere_host_vgpu_profile" "some" {
  host_id    = data.vsphere_host.h.id
  name_regex = "-4[qc]$"
}
locals {
  some = data.vsphere_host_vgpu_profile.some.vgpu_profiles
}
output "pci" {
  value = data.vsphere_host_pci_device.same.id
}
output "name" {
  value = data.vsphere_host_pci_device.vga.name
}
output "profiles" {
  value = length(data.vsphere_host_vgpu_profile.all.vgpu_profiles)
  precondition {
    condition     = local.some[*].vgpu == tolist(["grid_v100-4q", "nvidia_a40-4c"]) && local.some[0].migrate_supported && !local.some[1].migrate_supported
    error_message = jsonencode(local.some)
  }
}
