"""Where bytes may go: the target of a key, proxies and certificates, and the small local server."""
