output "name" {
  description = "The bucket."
  value       = digitalocean_spaces_bucket.videos.name
}

output "endpoint" {
  description = "Where the region's buckets are reached by S3."
  value       = "https://${var.region}.digitaloceanspaces.com"
}

output "read_access_key" {
  description = "For edges."
  value       = digitalocean_spaces_key.read.access_key
}

output "read_secret_key" {
  description = "For edges."
  value       = digitalocean_spaces_key.read.secret_key
  sensitive   = true
}

output "write_access_key" {
  description = "For the origin."
  value       = digitalocean_spaces_key.write.access_key
}

output "write_secret_key" {
  description = "For the origin."
  value       = digitalocean_spaces_key.write.secret_key
  sensitive   = true
}
