resource "vsphere_host_configuration" "a" {
  host_system_id = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"
  advanced_settings = {
    "NFS.MaxVolumes"                          = "256"
    "Syslog.global.logHost"                   = "udp://syslog.example.com:514"
    "Config.HostAgent.plugins.solo.enableMob" = "true"
  }
  ntp_servers = ["ntp1.example.com", "ntp2.example.com"]
  dns {
    dhcp           = false
    host_name      = "esx0"
    domain_name    = "example.com"
    servers        = ["192.0.2.1", "192.0.2.2"]
    search_domains = ["example.com"]
  }
}
resource "vsphere_host_configuration" "b" {
  host_system_id = "{{moid /DC0/host/DC0_C0/DC0_C0_H1}}"
  ntp_servers    = ["ntp1.example.com"]
}
