data "vsphere_datacenter" "dc" {
  name = "DC0"
}

locals {
  id = { for name, host in data.vsphere_host.h : name => host.id }
}

data "vsphere_host" "h" {
  for_each      = toset(["vsan1", "vsan2", "vsan3", "vsan4", "DC0_H0"])
  name          = each.key
  datacenter_id = data.vsphere_datacenter.dc.id
}

resource "vsphere_compute_cluster" "c" {
  name                      = "bench"
  datacenter_id             = data.vsphere_datacenter.dc.id
  host_system_ids           = [local.id["vsan1"], local.id["vsan2"], local.id["vsan3"]]
  force_evacuate_on_destroy = true
  vsan_enabled              = true

  vsan_fault_domains {
    fault_domain {
      name     = "rack1"
      host_ids = [local.id["vsan1"]]
    }
    fault_domain {
      name     = "rack2"
      host_ids = [local.id["vsan2"]]
    }
    fault_domain {
      name     = "rack3"
      host_ids = [local.id["vsan3"]]
    }
  }
}
