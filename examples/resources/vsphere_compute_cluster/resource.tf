data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_host" "esx" {
  for_each      = toset(["esx1.example.com", "esx2.example.com"])
  name          = each.value
  datacenter_id = data.vsphere_datacenter.dc1.id
}

resource "vsphere_compute_cluster" "production" {
  name            = "production"
  datacenter_id   = data.vsphere_datacenter.dc1.id
  host_system_ids = [for host in data.vsphere_host.esx : host.id]

  # Remove the hosts from the cluster before destroying it.
  force_evacuate_on_destroy = true

  drs_enabled          = true
  drs_automation_level = "fullyAutomated"

  ha_enabled                                  = true
  ha_admission_control_policy                 = "resourcePercentage"
  ha_admission_control_host_failure_tolerance = 1
}

# A cluster with vSAN. vSAN is enabled before vSphere HA.
resource "vsphere_compute_cluster" "storage" {
  name          = "storage"
  datacenter_id = data.vsphere_datacenter.dc1.id

  ha_enabled = true

  vsan_enabled             = true
  vsan_compression_enabled = true
  vsan_performance_enabled = true
  vsan_unmap_enabled       = true
}
