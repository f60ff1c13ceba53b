data "vsphere_datacenter" "dc" {
  name = "DC0"
}

data "vsphere_host" "standalone" {
  name          = "DC0_H0"
  datacenter_id = data.vsphere_datacenter.dc.id
}

resource "vsphere_compute_cluster" "c" {
  name                        = "bench"
  datacenter_id               = data.vsphere_datacenter.dc.id
  host_system_ids             = [data.vsphere_host.standalone.id]
  force_evacuate_on_destroy   = true
  ha_enabled                  = true
  ha_admission_control_policy = "failoverHosts"

  ha_admission_control_failover_host_system_ids = [data.vsphere_host.standalone.id]
}
