locals {
  expected = {
    VirtualMachineClassConfigurationSynced   = "True"
    VirtualMachineUnmanagedVolumesBackfilled = "False UnmanagedDisks"
  }
}
