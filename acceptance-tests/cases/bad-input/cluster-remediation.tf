# A severe remediation that is milder than the moderate one.
# command: validate
resource "vsphere_compute_cluster" "c" {
  name                              = "c1"
  datacenter_id                     = "datacenter-2"
  proactive_ha_moderate_remediation = "MaintenanceMode"
  proactive_ha_severe_remediation   = "QuarantineMode"
}
