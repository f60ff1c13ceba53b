resource "vsphere_host" "h" {
  cluster   = "{{moid /DC0/host/DC0_C0}}"
  hostname  = "managed1.example.com"
  username  = "root"
  password  = "wrong"
  force     = true
  connected = true
}
