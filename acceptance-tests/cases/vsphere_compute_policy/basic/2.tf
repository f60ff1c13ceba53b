resource "vsphere_compute_policy" "p" {
  capability = "com.vmware.vcenter.compute.policies.capabilities.vm_host_affinity"
}
