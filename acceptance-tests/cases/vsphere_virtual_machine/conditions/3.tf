locals {
  expected = {
    VirtualMachineClassConfigurationSynced   = "False ClassNotFound"
    VirtualMachineUnmanagedVolumesBackfilled = "False UnmanagedDisks"
  }
}
