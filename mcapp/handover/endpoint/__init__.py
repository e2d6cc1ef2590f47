"""The endpoint that an App Key is handed over to, as `mcapp listen` plays it."""
