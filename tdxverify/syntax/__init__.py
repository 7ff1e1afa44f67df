"""Surface syntax: reading, parsing and printing .tdx files."""
