locals {
  cpus      = 2
  datastore = "{{moid /DC0/datastore/LocalDS_1}}"
}
resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  guest_id                   = "ubuntu64Guest"
  num_cpus                   = local.cpus
  wait_for_guest_net_timeout = 0
  placement {
    compute_cluster_ids = ["{{moid /DC0/host/DC0_C0}}", "{{moid /DC0/host/DC0_C1}}"]
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 2
  }
}
resource "vsphere_virtual_machine" "one" {
  name                       = "one"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  placement {
    compute_cluster_ids = ["{{moid /DC0/host/DC0_C1}}"]
    host_system_ids     = ["{{moid /DC0/host/DC0_C1/DC0_C1_H1}}"]
    datastore_ids       = [local.datastore]
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 2
  }
}
resource "vsphere_virtual_machine" "clone" {
  name                       = "clone"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  placement {
    compute_cluster_ids = ["{{moid /DC0/host/DC0_C1}}"]
    datastore_ids       = [local.datastore]
  }
  clone {
    template_uuid = "{{moid /DC0/vm/tpl}}"
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
