data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_host" "esx1" {
  name          = "esx1.example.com"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

resource "vsphere_host_configuration" "esx1" {
  host_system_id = data.vsphere_host.esx1.id

  advanced_settings = {
    "Syslog.global.logHost"         = "udp://syslog.example.com:514"
    "UserVars.SuppressShellWarning" = "1"
  }

  ntp_servers = ["ntp1.example.com", "ntp2.example.com"]

  dns {
    dhcp           = false
    host_name      = "esx1"
    domain_name    = "example.com"
    servers        = ["192.0.2.53"]
    search_domains = ["example.com"]
  }
}
