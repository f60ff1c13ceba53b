resource "vsphere_host" "h" {
  datacenter          = "{{moid /DC0}}"
  hostname            = "esx1.example.com"
  username            = "root"
  password_wo         = "second secret"
  password_wo_version = "2"
  connected           = false

  services {
    ntpd {
      ntp_servers = ["ntp2.example.com"]
    }
  }
}
