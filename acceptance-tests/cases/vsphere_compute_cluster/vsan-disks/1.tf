data "vsphere_datacenter" "dc" {
  name = "DC0"
}

data "vsphere_host" "h" {
  for_each      = toset(["vsan1", "vsan2"])
  name          = each.key
  datacenter_id = data.vsphere_datacenter.dc.id
}

resource "vsphere_compute_cluster" "c" {
  name                      = "bench"
  datacenter_id             = data.vsphere_datacenter.dc.id
  host_system_ids           = [for h in data.vsphere_host.h : h.id]
  force_evacuate_on_destroy = true
  vsan_enabled              = true

  vsan_disk_group {
    cache   = "mpx.vmhba1:C0:T0:L0"
    storage = ["mpx.vmhba1:C0:T1:L0", "mpx.vmhba1:C0:T2:L0"]
  }
}
