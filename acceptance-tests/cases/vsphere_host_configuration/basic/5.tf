resource "vsphere_host_configuration" "a" {
  advanced_settings = {
    "NFS.MaxVolumes"             = "0128"
    "Syslog.global.logHost"      = ""
    "Config.HostAgent.log.level" = ""
  }
}
