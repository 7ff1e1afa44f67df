// SPDX-License-Identifier: GPL-2.0
/*
 * Skeleton of a reproducer of host_is_safe: refuted in 2 steps.
 * "the host kernel never takes a machine check"
 * "somewhere: the tool says for which parameter"
 *
 * From examples/02-erratum.tdx:42
 * with Line = 1; erratum = true
 *
 * What stands behind TODO is still to be written.
 * It is meant to do damage: use a machine that you can do without.
 */
#include <linux/module.h>

#include <linux/compiler.h>

static u64 *line[1]; /* TODO: where the kernel maps the lines */

static int __init reproducer_init(void)
{
	/*
	 * TODO: before the first step the machine must be in this state:
	 *     td_owned[Line0] = true
	 *     poison[Line0] = false
	 */

	/*
	 * Step 1: stray_write(l = Line0) by host_kernel
	 *     "the kernel writes through a stray pointer"
	 *     partial_write(Line0), row 1: td_owned[l] and erratum -> ok [F-TDX-31]
	 *     poison[Line0]: false -> true
	 */
	pr_info("step 1: stray_write(l = Line0)\n");
	asm volatile("movnti %1, %0" : "=m" (*line[0]) : "r" (0UL));
	wmb();

	/*
	 * Step 2: load(l = Line0) by host_kernel
	 *     "the kernel reads a line"
	 *     read(Line0), row 1: poison[l] -> fault #MC [F-TDX-13]
	 *     host_kernel takes #MC, and the rest of the step is not done
	 *     host_kernel is dead: false -> true
	 *     (#MC is raised by the hardware)
	 */
	pr_info("step 2: load(l = Line0)\n");
	(void)READ_ONCE(*line[0]);

	/*
	 * Expected here: host_kernel takes #MC, and this does not hold:
	 *     never host_kernel takes #MC
	 */
	return 0;
}

static void __exit reproducer_exit(void)
{
}

module_init(reproducer_init);
module_exit(reproducer_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("reproducer of host_is_safe");
