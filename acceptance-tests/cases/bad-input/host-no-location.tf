# A host without a cluster and a datacenter, also where vsphere_compute_cluster moves it.
resource "vsphere_host" "h" {
  hostname = "esx1.example.com"
  username = "root"
  password = "x"
}

resource "vsphere_host" "managed" {
  cluster_managed = true
  hostname        = "esx2.example.com"
  username        = "root"
  password        = "x"
}
