# A file that does not exist
data "vsphere_ovf_vm_template" "missing" {
  name             = "missing"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  host_system_id   = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  local_ovf_path   = "missing.ova"
}
