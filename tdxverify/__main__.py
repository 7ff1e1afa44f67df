"""`python -m tdxverify`."""

from tdxverify.cli.start import main

main()
