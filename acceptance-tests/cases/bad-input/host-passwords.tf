# No password, two of them, and a cluster that another resource manages.
resource "vsphere_host" "none" {
  cluster  = "{{moid /DC0/host/DC0_C0}}"
  hostname = "esx1.example.com"
  username = "root"
}

resource "vsphere_host" "two" {
  cluster         = "{{moid /DC0/host/DC0_C0}}"
  cluster_managed = true
  hostname        = "esx2.example.com"
  username        = "root"
  password        = "x"
  password_wo     = "y"
}
