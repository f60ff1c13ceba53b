resource "vsphere_zone" "a" {
  name = "zone-a"
}

data "vsphere_zone" "a" {
  name = vsphere_zone.a.name
}
