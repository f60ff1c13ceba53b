data "vsphere_zone" "z" {
  name = "zone-x"
}
