resource "vsphere_zone" "z" {
  name        = "zone-1"
  description = "first"
}

resource "vsphere_zone" "empty" {
  name        = "zone-2"
  cluster_ids = ["{{moid /DC0/host/DC0_C0}}"]
}
