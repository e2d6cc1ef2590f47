FIX_ALL = "source.fixAll.mcapp"
