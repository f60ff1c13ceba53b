data "vsphere_virtual_machine" "vm" {
  count = 1
  name  = "/DC0/vm/DC0_C0_RP0_VM${count.index}"
}

resource "vsphere_ha_vm_override" "o" {
  compute_cluster_id                    = "{{moid /DC0/host/DC0_C0}}"
  virtual_machine_id                    = data.vsphere_virtual_machine.vm[0].id
  ha_vm_restart_priority                = "disabled"
  ha_vm_restart_timeout                 = 120
  ha_host_isolation_response            = "powerOff"
  ha_datastore_pdl_response             = "warning"
  ha_datastore_apd_response             = "restartConservative"
  ha_datastore_apd_response_delay       = 60
  ha_datastore_apd_recovery_action      = "reset"
  ha_vm_monitoring_use_cluster_defaults = false
  ha_vm_monitoring                      = "vmAndAppMonitoring"
  ha_vm_failure_interval                = 45
  ha_vm_minimum_uptime                  = 90
  ha_vm_maximum_resets                  = 5
  ha_vm_maximum_failure_window          = 3600
}
