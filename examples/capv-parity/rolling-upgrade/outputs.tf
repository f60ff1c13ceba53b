output "nodes" {
  description = "The nodes, in the order of their numbers."
  value       = module.node[*].machine
}
