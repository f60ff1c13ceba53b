resource "vsphere_host" "h" {
  datacenter          = "{{moid /DC0}}"
  hostname            = "esx1.example.com"
  username            = "root"
  password_wo         = "first secret"
  password_wo_version = "1"
  lockdown            = "normal"

  services {
    ntpd {
      ntp_servers = ["ntp1.example.com"]
    }
  }
}
