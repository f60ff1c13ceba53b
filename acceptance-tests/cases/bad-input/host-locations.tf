# A cluster and a datacenter.
resource "vsphere_host" "both" {
  cluster    = "{{moid /DC0/host/DC0_C0}}"
  datacenter = "{{moid /DC0}}"
  hostname   = "esx1.example.com"
  username   = "root"
  password   = "x"
}
