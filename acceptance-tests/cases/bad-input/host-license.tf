# command: apply
# A license key that is not in vCenter: the message does not have it.
resource "vsphere_host" "h" {
  cluster  = "{{moid /DC0/host/DC0_C0}}"
  hostname = "esx1.example.com"
  username = "root"
  password = "secret"
  license  = "AAAAA-BBBBB-CCCCC-DDDDD-FFFFF"
}
