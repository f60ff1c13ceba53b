data "vsphere_datacenter" "dc" {
  name = "DC0"
}
data "vsphere_compute_cluster" "c" {
  name          = "DC0_C0"
  datacenter_id = data.vsphere_datacenter.dc.id
}
data "vsphere_host" "h" {
  name          = "DC0_H0"
  datacenter_id = data.vsphere_datacenter.dc.id
}
data "vsphere_guest_os_descriptors" "all" {
  compute_cluster_id = data.vsphere_compute_cluster.c.id
}
data "vsphere_guest_os_descriptors" "windows" {
  host_system_id   = data.vsphere_host.h.id
  hardware_version = 999
  family           = "windowsGuest"
}
locals {
  all     = { for g in data.vsphere_guest_os_descriptors.all.guests : g.id => g }
  windows = [for g in data.vsphere_guest_os_descriptors.windows.guests : g.id]
  ubuntu  = local.all["ubuntu64Guest"]
}
output "version" {
  value = "vmx-${data.vsphere_guest_os_descriptors.all.hardware_version}"
}
output "name" {
  value = local.ubuntu.full_name
  precondition {
    condition     = local.ubuntu.recommended_network_adapter_type == "VirtualVmxnet3" && contains(local.ubuntu.firmware, "efi")
    error_message = jsonencode(local.ubuntu)
  }
  # Windows 11 needs a later hardware version.
  precondition {
    condition     = contains(local.windows, "windows9_64Guest") && !contains(local.windows, "windows11_64Guest") && !contains(local.windows, "ubuntu64Guest")
    error_message = jsonencode(local.windows)
  }
}
