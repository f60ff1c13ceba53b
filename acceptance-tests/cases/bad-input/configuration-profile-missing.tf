# command: apply
# Neither a document nor a host.
resource "vsphere_configuration_profile" "p" {
  cluster_id = "{{moid /DC0/host/DC0_C0}}"
}
