output "memory" {
  value = provider::vsphere::mib("4Gi") # 4096
}
