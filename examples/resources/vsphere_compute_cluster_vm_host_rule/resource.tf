data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "c1" {
  name          = "c1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_virtual_machine" "web" {
  for_each      = toset(["web-1", "web-2"])
  name          = each.key
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_host" "rack1" {
  for_each      = toset(["esx1.example.com", "esx2.example.com"])
  name          = each.key
  datacenter_id = data.vsphere_datacenter.dc1.id
}

resource "vsphere_compute_cluster_vm_group" "web" {
  name                = "web"
  compute_cluster_id  = data.vsphere_compute_cluster.c1.id
  virtual_machine_ids = [for vm in data.vsphere_virtual_machine.web : vm.id]
}

resource "vsphere_compute_cluster_host_group" "rack1" {
  name               = "rack1"
  compute_cluster_id = data.vsphere_compute_cluster.c1.id
  host_system_ids    = [for host in data.vsphere_host.rack1 : host.id]
}

# Run the web servers in rack 1 whenever possible.
resource "vsphere_compute_cluster_vm_host_rule" "web" {
  name                     = "web-in-rack1"
  compute_cluster_id       = data.vsphere_compute_cluster.c1.id
  vm_group_name            = vsphere_compute_cluster_vm_group.web.name
  affinity_host_group_name = vsphere_compute_cluster_host_group.rack1.name
}
