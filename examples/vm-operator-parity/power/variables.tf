variable "power_state" {
  description = "The power state: `on`, `off` or `suspended`."
  type        = string
  default     = "on"
}

variable "restart" {
  description = "Another value restarts the virtual machine, such as the current time. An empty value does not."
  type        = string
  default     = ""
}

variable "power_on_checks" {
  description = "Why the virtual machine must not be powered on yet, by component."
  type        = map(string)
  default     = {}
}

variable "delete_checks" {
  description = "Why the virtual machine must not be deleted yet, by component."
  type        = map(string)
  default     = {}
}
