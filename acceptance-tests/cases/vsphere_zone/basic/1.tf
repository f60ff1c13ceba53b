resource "vsphere_zone" "z" {
  name        = "zone-1"
  description = "first"
  cluster_ids = ["{{moid /DC0/host/DC0_C0}}"]
}

resource "vsphere_zone" "empty" {
  name = "zone-2"
}

data "vsphere_zone" "z" {
  name = vsphere_zone.z.name

  lifecycle {
    postcondition {
      condition     = self.description == "first" && length(self.cluster_ids) == 1 && self.id == "zone-1"
      error_message = "the zone differs"
    }
  }
}
