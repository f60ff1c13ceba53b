output "machine" {
  description = "The load balancer."
  value       = module.machine.machine
}
