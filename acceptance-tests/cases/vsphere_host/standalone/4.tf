resource "vsphere_host" "h" {
  datacenter  = "{{moid /DC0}}"
  hostname    = "esx1.example.com"
  username    = "root"
  password    = "third secret"
  maintenance = true

  services {
    ntpd {
      enabled = true
    }
  }
}
