variable "n_vms" { default = 100 }

# The VMs: clones of the simulated vCenter's first VM, with one disk, one NIC and one tag each.
data "vsphere_virtual_machine" "tpl" {
  name          = "DC0_C0_RP0_VM0"
  datacenter_id = data.vsphere_datacenter.dc.id
}
resource "vsphere_virtual_machine" "vm" {
  count                      = var.n_vms
  name                       = "bench-${count.index}"
  resource_pool_id           = data.vsphere_compute_cluster.c.resource_pool_id
  datastore_id               = data.vsphere_datastore.ds.id
  folder                     = vsphere_folder.f[count.index % var.n_roles].path
  num_cpus                   = 1
  memory                     = 64
  guest_id                   = "otherGuest"
  wait_for_guest_net_timeout = 0
  wait_for_guest_ip_timeout  = 0
  tags                       = [vsphere_tag.t[count.index % var.n_tags].id]
  network_interface {
    network_id = data.vsphere_network.n.id
  }
  disk {
    label = "disk0"
    size  = 10
  }
  clone {
    template_uuid = data.vsphere_virtual_machine.tpl.id
  }
}
