# The id of a cluster.
# command: validate
data "vsphere_host_vgpu_profile" "p" {
  host_id = "domain-c28"
}
