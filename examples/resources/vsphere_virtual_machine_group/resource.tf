data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_virtual_machine" "shop" {
  for_each      = toset(["db-1", "app-1", "app-2", "web-1", "web-2"])
  name          = each.key
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# The database is powered on first, then the application servers 10 s later, and then the web servers 5 s later.
resource "vsphere_virtual_machine_group" "shop" {
  name        = "shop"
  power_state = "on"

  boot_order {
    virtual_machine_ids = [data.vsphere_virtual_machine.shop["db-1"].id]
  }

  boot_order {
    virtual_machine_ids = [for name in ["app-1", "app-2"] : data.vsphere_virtual_machine.shop[name].id]
    power_on_delay      = 10
  }

  boot_order {
    virtual_machine_ids = [for name in ["web-1", "web-2"] : data.vsphere_virtual_machine.shop[name].id]
    power_on_delay      = 5
  }
}
