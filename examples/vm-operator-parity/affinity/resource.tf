data "vsphere_compute_cluster" "c1" {
  name = "/dc1/host/c1"
}

data "vsphere_datastore" "ssd1" {
  name = "/dc1/datastore/ssd1"
}

data "vsphere_network" "vms" {
  name = "/dc1/network/VM Network"
}

data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_host" "rack1" {
  for_each      = toset(["esx1.example.com", "esx2.example.com"])
  name          = each.key
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# A compute policy applies to the virtual machines with its tag.
resource "vsphere_tag_category" "tier" {
  name             = "tier"
  cardinality      = "SINGLE"
  associable_types = ["VirtualMachine"]
}

resource "vsphere_tag" "database" {
  name        = "database"
  category_id = vsphere_tag_category.tier.id
}

resource "vsphere_virtual_machine" "database" {
  for_each = toset(["database-vm-1", "database-vm-2"])

  name             = each.key
  tags             = [vsphere_tag.database.id]
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id
  num_cpus         = 2
  memory           = 4096
  guest_id         = "ubuntu64Guest"

  wait_for_guest_net_timeout = 0

  network_interface {
    network_id = data.vsphere_network.vms.id
  }

  disk {
    label = "system"
    size  = 20
  }
}

# vmAntiAffinity, topologyKey kubernetes.io/hostname: on different hosts.
resource "vsphere_compute_cluster_vm_anti_affinity_rule" "database" {
  name                = "database-apart"
  compute_cluster_id  = data.vsphere_compute_cluster.c1.id
  virtual_machine_ids = [for vm in vsphere_virtual_machine.database : vm.id]
  mandatory           = true
}

# vmAffinity, topologyKey topology.kubernetes.io/zone: on the hosts of the same zone, here a rack.
resource "vsphere_compute_cluster_vm_group" "database" {
  name                = "database"
  compute_cluster_id  = data.vsphere_compute_cluster.c1.id
  virtual_machine_ids = [for vm in vsphere_virtual_machine.database : vm.id]
}

resource "vsphere_compute_cluster_host_group" "rack1" {
  name               = "rack1"
  compute_cluster_id = data.vsphere_compute_cluster.c1.id
  host_system_ids    = [for host in data.vsphere_host.rack1 : host.id]
}

resource "vsphere_compute_cluster_vm_host_rule" "database" {
  name                     = "database-in-rack1"
  compute_cluster_id       = data.vsphere_compute_cluster.c1.id
  vm_group_name            = vsphere_compute_cluster_vm_group.database.name
  affinity_host_group_name = vsphere_compute_cluster_host_group.rack1.name
}
