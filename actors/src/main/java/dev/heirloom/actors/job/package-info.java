/** Jobs that make families of teachers: their queue, their states, and who works on them. */
@NullMarked
package dev.heirloom.actors.job;

import org.jspecify.annotations.NullMarked;
