/**
 * Students: smaller networks of a teacher's kind that start from nothing, for comparison with
 * heirs.
 */
@NullMarked
package dev.heirloom.inheritance.student;

import org.jspecify.annotations.NullMarked;
