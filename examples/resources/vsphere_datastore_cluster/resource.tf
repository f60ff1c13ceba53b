data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

resource "vsphere_datastore_cluster" "gold" {
  name                             = "gold"
  datacenter_id                    = data.vsphere_datacenter.dc1.id
  sdrs_enabled                     = true
  sdrs_automation_level            = "automated"
  sdrs_space_utilization_threshold = 85
}
