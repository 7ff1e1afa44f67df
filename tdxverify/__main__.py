"""`python -m tdxverify`."""

from tdxverify.cli.main import main

main()
