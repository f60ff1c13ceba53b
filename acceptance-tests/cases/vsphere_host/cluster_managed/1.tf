resource "vsphere_host" "h" {
  datacenter      = "{{moid /DC0}}"
  cluster_managed = true
  hostname        = "esx1.example.com"
  username        = "root"
  password        = "secret of the host"
  maintenance     = true
}

resource "vsphere_compute_cluster" "c" {
  name                      = "bench"
  datacenter_id             = "{{moid /DC0}}"
  host_system_ids           = [vsphere_host.h.id]
  force_evacuate_on_destroy = true
}
