# command: apply
# Another vCenter manages the host, the password is wrong, the host does not answer, and it exists already.
resource "vsphere_host" "managed" {
  cluster  = "{{moid /DC0/host/DC0_C0}}"
  hostname = "managed1.example.com"
  username = "root"
  password = "secret"
}

resource "vsphere_host" "password" {
  cluster  = "{{moid /DC0/host/DC0_C0}}"
  hostname = "esx1.example.com"
  username = "root"
  password = "wrong"
}

resource "vsphere_host" "unreachable" {
  cluster  = "{{moid /DC0/host/DC0_C0}}"
  hostname = "unreachable1.example.com"
  username = "root"
  password = "secret"
}

resource "vsphere_host" "exists" {
  datacenter = "{{moid /DC0}}"
  hostname   = "DC0_H0"
  username   = "root"
  password   = "secret"
}
