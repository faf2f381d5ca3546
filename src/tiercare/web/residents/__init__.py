"""居民登记与查找: finding and registering residents, a resident's page, and keeping what stands on it."""
