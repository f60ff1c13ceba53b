# The path of a cluster, the name of a datacenter, and a cluster that does not exist.
resource "vsphere_host" "path" {
  cluster  = "/DC0/host/DC0_C0"
  hostname = "esx1.example.com"
  username = "root"
  password = "x"
}

resource "vsphere_host" "name" {
  datacenter = "DC0"
  hostname   = "esx2.example.com"
  username   = "root"
  password   = "x"
}

resource "vsphere_host" "missing" {
  cluster  = "domain-c4711"
  hostname = "esx3.example.com"
  username = "root"
  password = "x"
}
