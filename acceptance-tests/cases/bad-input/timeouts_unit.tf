# Durations that are not those of Terraform: months, days, words, no unit.
resource "vsphere_folder" "f" {
  path          = "team"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
  timeouts {
    create = "30M"
    read   = "1.5d"
    update = "2 hours"
    delete = "90"
  }
}
