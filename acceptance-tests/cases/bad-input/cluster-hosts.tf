# Names of hosts in the place of their IDs, and of a cluster.
resource "vsphere_compute_cluster" "c" {
  name            = "c1"
  datacenter_id   = "{{moid /DC0}}"
  host_system_ids = ["esx1.example.com", "{{moid /DC0/host/DC0_C0}}"]
}
