data "vsphere_compute_cluster" "c1" {
  name = "/dc1/host/c1"
}

data "vsphere_datastore" "ssd1" {
  name = "/dc1/datastore/ssd1"
}

data "vsphere_network" "web" {
  name = "/dc1/network/web"
}

resource "vsphere_virtual_machine" "shop" {
  for_each = toset(["database-vm", "app-server-1", "app-server-2", "web-server-1", "web-server-2"])

  name             = each.key
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id
  num_cpus         = 2
  memory           = 4096
  guest_id         = "ubuntu64Guest"

  # The group powers it on.
  power_on_after_create = false

  network_interface {
    network_id = data.vsphere_network.web.id
  }

  disk {
    label = "system"
    size  = 20
  }
}

# Without a power state of its own, it is left to the group that it belongs to.
resource "vsphere_virtual_machine_group" "database" {
  name                = "database-group"
  virtual_machine_ids = [vsphere_virtual_machine.shop["database-vm"].id]
}

resource "vsphere_virtual_machine_group" "application" {
  name        = "application-group"
  power_state = "on"

  boot_order {
    member_group_ids = [vsphere_virtual_machine_group.database.id]
    power_on_delay   = 10
  }

  boot_order {
    virtual_machine_ids = [for name in ["app-server-1", "app-server-2"] : vsphere_virtual_machine.shop[name].id]
    power_on_delay      = 5
  }

  boot_order {
    virtual_machine_ids = [for name in ["web-server-1", "web-server-2"] : vsphere_virtual_machine.shop[name].id]
  }
}

output "ready" {
  value = one(vsphere_virtual_machine_group.application.conditions).status
}
