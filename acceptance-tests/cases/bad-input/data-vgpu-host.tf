# The id of a cluster.
# command: validate
# only warns
data "vsphere_host_vgpu_profile" "p" {
  host_id = "domain-c28"
}
