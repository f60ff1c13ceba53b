# A network that does not come in time.
data "vsphere_network" "n" {
  name           = "VM Netwrk"
  datacenter_id  = "{{moid /DC0}}"
  retry_timeout  = 1
  retry_interval = 300
}
