# command: apply
# A certificate that vCenter does not trust, of a host without and with a thumbprint.
resource "vsphere_host" "without" {
  cluster  = "{{moid /DC0/host/DC0_C0}}"
  hostname = "selfsigned1.example.com"
  username = "root"
  password = "secret"
}

resource "vsphere_host" "other" {
  datacenter = "{{moid /DC0}}"
  hostname   = "selfsigned2.example.com"
  username   = "root"
  password   = "secret"
  thumbprint = "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD"
}
