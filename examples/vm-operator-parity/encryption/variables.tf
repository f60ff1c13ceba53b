variable "encryption_class" {
  description = "The key provider, and the key if it is not to be generated. If null, the default key provider is used."
  type        = object({ key_provider = string, key_id = optional(string) })
  default     = null
}

variable "rekey" {
  description = "Any other value rekeys the virtual machine."
  type        = string
  default     = ""
}
