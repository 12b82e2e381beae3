/** A teacher becomes a family: the stages in order, their options, progress and report. */
@NullMarked
package dev.heirloom.inheritance;

import org.jspecify.annotations.NullMarked;
