resource "vsphere_host_configuration" "a" {
  host_system_id = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"
  advanced_settings = {
    "NFS.MaxVolumes"        = "0128"
    "Syslog.global.logHost" = ""
  }
  dns {
    dhcp           = false
    host_name      = "esx0"
    domain_name    = "example.com"
    servers        = ["192.0.2.2"]
    search_domains = []
  }
}
resource "vsphere_host_configuration" "b" {
  host_system_id = "{{moid /DC0/host/DC0_C0/DC0_C0_H1}}"
  ntp_servers    = []
}
