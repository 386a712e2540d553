output "id" {
  description = "For doctl kubernetes cluster kubeconfig save."
  value       = digitalocean_kubernetes_cluster.pop.id
}

output "pod_cidr" {
  description = "Ranges that pods have."
  value       = digitalocean_kubernetes_cluster.pop.cluster_subnet
}
