# A name that is not a DNS label, and a cluster as the Supervisor
resource "vsphere_namespace" "n" {
  name       = "Team_A"
  supervisor = "domain-c8"
}
