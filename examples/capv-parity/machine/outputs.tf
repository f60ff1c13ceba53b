output "machine" {
  description = "The machine: its name, its managed object ID, the provider ID that Kubernetes has for it, and the IP address that VMware Tools reports."
  value = {
    name        = vsphere_virtual_machine.this.name
    id          = vsphere_virtual_machine.this.id
    moid        = vsphere_virtual_machine.this.moid
    provider_id = "vsphere://${vsphere_virtual_machine.this.uuid}"
    ip_address  = vsphere_virtual_machine.this.default_ip_address
  }
}
