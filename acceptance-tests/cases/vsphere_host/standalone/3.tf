resource "vsphere_host" "h" {
  datacenter          = "{{moid /DC0}}"
  hostname            = "esx2.example.com"
  username            = "root"
  password_wo         = "second secret"
  password_wo_version = "2"

  services {
    ntpd {
      enabled = true
    }
  }
}
