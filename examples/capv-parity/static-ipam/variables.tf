variable "subnet" {
  description = "The IPv4 subnet, such as `10.0.10.0/24`."
  type        = string

  validation {
    condition     = can(cidrnetmask(var.subnet)) && try(cidrhost(var.subnet, 0) == split("/", var.subnet)[0], false)
    error_message = "The subnet must be an IPv4 network address with its prefix length, such as 10.0.10.0/24."
  }
}

variable "gateway" {
  description = "The default gateway."
  type        = string
}

variable "dns_servers" {
  description = "The DNS servers."
  type        = list(string)
  default     = []
}

variable "range" {
  description = "The first and the last number of the hosts in the subnet that are available, such as 11 and 50 for 10.0.10.11 to 10.0.10.50."
  type        = object({ first = number, last = number })

  validation {
    condition     = var.range.first >= 1 && var.range.first <= var.range.last && can(cidrhost(var.subnet, var.range.last))
    error_message = "The range must be in the subnet, and its first number must not be greater than the last one."
  }
}

variable "reservations" {
  description = "The numbers of the hosts, by the names of the machines: 11 is 10.0.10.11 in 10.0.10.0/24. Removing a machine does not change the addresses of others."
  type        = map(number)

  validation {
    condition     = length(distinct(values(var.reservations))) == length(var.reservations)
    error_message = "Two machines must not have the same address."
  }

  validation {
    condition     = alltrue([for number in values(var.reservations) : number >= var.range.first && number <= var.range.last])
    error_message = "An address is not in the range. Choose another number, or extend the range."
  }

  validation {
    condition     = alltrue([for number in values(var.reservations) : try(cidrhost(var.subnet, number), "") != var.gateway])
    error_message = "A machine must not have the address of the gateway."
  }
}
