output "bucket" {
  description = "Bucket and endpoint, for origin.url and origin.endpoint of edges."
  value = {
    url      = "s3://${module.bucket.name}/published"
    endpoint = module.bucket.endpoint
    region   = var.bucket_region
  }
}

output "bucket_keys" {
  description = "Keys for the secrets that the Kubernetes values name as readSecret and writeSecret."
  sensitive   = true
  value = {
    read = {
      access_key = module.bucket.read_access_key
      secret_key = module.bucket.read_secret_key
    }
    write = {
      access_key = module.bucket.write_access_key
      secret_key = module.bucket.write_secret_key
    }
  }
}

output "clusters" {
  description = "Cluster ids by PoP, for doctl kubernetes cluster kubeconfig save, and the ranges of their pods for podCidrs."
  value       = { for name, cluster in module.cluster : name => { id = cluster.id, pod_cidr = cluster.pod_cidr } }
}

output "edges" {
  description = "Names and addresses of the edges on Droplets by PoP, for Ansible's inventory."
  value       = { for name, edges in module.edges : name => edges.edges }
}

output "registry" {
  description = "Where images are pushed, where a registry was asked for."
  value       = one(digitalocean_container_registry.images[*].endpoint)
}
