variable "name" {
  type    = string
  default = "web-1"

  validation {
    condition     = provider::vsphere::is_dns_label(var.name)
    error_message = "The name must be a DNS label, as it becomes the host name."
  }
}
