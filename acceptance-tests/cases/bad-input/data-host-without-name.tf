# Which one?
data "vsphere_host" "h" {
  datacenter_id = "{{moid /DC0}}"
}
