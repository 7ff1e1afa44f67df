#!/bin/sh
# Skeleton of a reproducer of host_is_safe: refuted in 2 steps.
# "the host kernel never takes a machine check"
# "somewhere: the tool says for which parameter"
#
# From examples/02-erratum.tdx:42
# with Line = 1; erratum = true
#
# What stands behind TODO is still to be written.
# It is meant to do damage: use a machine that you can do without.
set -eu

# TODO: before the first step the machine must be in this state:
#     td_owned[Line0] = true
#     poison[Line0] = false

# Step 1: stray_write(l = Line0) by host_kernel
#     "the kernel writes through a stray pointer"
#     partial_write(Line0), row 1: td_owned[l] and erratum -> ok [F-TDX-31]
#     poison[Line0]: false -> true
echo 'step 1: stray_write(l = Line0)'
# TODO: partial_write(Line0): a write of less than 64 bytes

# Step 2: load(l = Line0) by host_kernel
#     "the kernel reads a line"
#     read(Line0), row 1: poison[l] -> fault #MC [F-TDX-13]
#     host_kernel takes #MC, and the rest of the step is not done
#     host_kernel is dead: false -> true
#     (#MC is raised by the hardware)
echo 'step 2: load(l = Line0)'
# TODO: read(Line0): the kernel reads a line

# Expected here: host_kernel takes #MC, and this does not hold:
#     never host_kernel takes #MC
