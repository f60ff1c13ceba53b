output "nodes" {
  description = "The nodes, by `<name>-<number>`: the machine and its zone."
  value       = { for name, node in module.node : name => merge(node.machine, { zone = local.nodes[name].zone }) }
}
