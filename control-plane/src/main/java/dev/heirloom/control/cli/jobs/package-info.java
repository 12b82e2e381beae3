/** The commands {@code teachers} and {@code jobs}. */
@NullMarked
package dev.heirloom.control.cli.jobs;

import org.jspecify.annotations.NullMarked;
