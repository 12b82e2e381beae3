/** The command line: options in, results on standard output, everything else on standard error. */
@NullMarked
package dev.heirloom.control.cli;

import org.jspecify.annotations.NullMarked;
