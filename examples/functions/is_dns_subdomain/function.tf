output "valid" {
  value = provider::vsphere::is_dns_subdomain("web-1.example.com") # true
}
