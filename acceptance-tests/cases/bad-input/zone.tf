# A cluster by its path
resource "vsphere_zone" "z" {
  name        = " "
  cluster_ids = ["/DC0/host/DC0_C0"]
}
