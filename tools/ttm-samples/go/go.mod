module ttm-server

go 1.18
