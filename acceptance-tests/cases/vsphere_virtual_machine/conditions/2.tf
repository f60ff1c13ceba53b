locals {
  expected = {
    VirtualMachineClassConfigurationSynced   = "False SameClassResize"
    VirtualMachineUnmanagedVolumesBackfilled = "False UnmanagedDisks"
  }
}
