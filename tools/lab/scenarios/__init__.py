"""Real traffic through the load balancer, real kernels at both ends. One file per theme; ``tools/lab/test`` runs them."""
